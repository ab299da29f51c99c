import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isIdentifier,
  MOST_RENDERED,
  type Placeholder,
  parse,
  placeholders,
  render,
  type Sources,
  TooLong,
} from '../../lib/util/template.js';

function sources(contents: Record<string, string> = {}, more: Partial<Sources> = {}): Sources {
  return {
    previous: 'PREVIOUS',
    content: (key) => contents[key] ?? `<${key}>`,
    path: (key) => `path of ${key}`,
    file: (key) => `file of ${key}`,
    output: (step) => `output of ${step}`,
    ...more,
  };
}

const rendered = (text: string, from = sources()) => render(parse(text), from);

describe('template', () => {
  const rows: [string, string, string][] = [
    ['text without placeholders as it is', 'plain { {{ }}} text', 'plain { {{ }}} text'],
    ['an empty text', '', ''],
    ['a key as its content', 'a {{{foo}}} b', 'a <foo> b'],
    ['.path as the path', '{{{foo.path}}}', 'path of foo'],
    ['.file as the base name', '{{{foo.file}}}', 'file of foo'],
    ['previous as the previous output', '{{{previous}}}', 'PREVIOUS'],
    ['steps.NAME as that step’s output', '{{{steps.draft-1}}}', 'output of draft-1'],
    ['neighbours without anything between', '{{{a}}}{{{b}}}{{{a}}}', '<a><b><a>'],
    ['a key in braces of its own', '{{{{foo}}}}', '{<foo>}'],
    ['a key in three braces of its own', '{{{{{{foo}}}}}}', '{{{<foo>}}}'],
    ['an opening that nothing closes, as plain text', '{{{foo and {{{foo}} }', '{{{foo and {{{foo}} }'],
    ['an unclosed one before a placeholder', '{{{foo {{{bar}}}', '{{{foo <bar>'],
    ['spaces inside, as plain text', '{{{ foo }}}', '{{{ foo }}}'],
    ['a digit first, as plain text', '{{{1a}}}', '{{{1a}}}'],
    [
      'an empty name or part, as plain text',
      '{{{}}} {{{a.}}} {{{.a}}} {{{a..b}}}',
      '{{{}}} {{{a.}}} {{{.a}}} {{{a..b}}}',
    ],
    ['letters beyond ASCII, as plain text', '{{{größe}}}', '{{{größe}}}'],
    ['\\{{{ as a literal {{{', '\\{{{foo}}}', '{{{foo}}}'],
    ['\\{{{ before a space as {{{ too', '\\{{{ x', '{{{ x'],
    ['\\\\{{{ as a backslash and a literal {{{', '\\\\{{{foo}}}', '\\{{{foo}}}'],
    ['\\{{{{ as four literal braces', '\\{{{{foo}}}}', '{{{{foo}}}}'],
    ['other backslashes as they are', '\\n \\{ \\{{ \\', '\\n \\{ \\{{ \\'],
    ['\\{{name}} as a literal {{name}}', '\\{{foo}} \\{{ foo.path }}', '{{foo}} {{ foo.path }}'],
    [
      'other braces behind a backslash as they are',
      '\\{{x}\\} \\{{ \\{{1}} \\{{}}',
      '\\{{x}\\} \\{{ \\{{1}} \\{{}}',
    ],
    ['the escaped beside the real one', '\\{{{foo}}}{{{foo}}}', '{{{foo}}}<foo>'],
    ['a line break inside, as plain text', '{{{a\n}}}', '{{{a\n}}}'],
  ];
  for (const [title, text, expected] of rows) {
    it(`renders ${title}`, () => assert.equal(rendered(text), expected));
  }

  it('tells its placeholders with their names as written', () => {
    const found = placeholders(
      parse('{{{a}}} {{{a.path}}} {{{b.file}}} {{{previous}}} {{{steps.x}}} \\{{{no}}}'),
    );
    assert.deepEqual(found, [
      { kind: 'content', name: 'a', key: 'a' },
      { kind: 'path', name: 'a.path', key: 'a' },
      { kind: 'file', name: 'b.file', key: 'b' },
      { kind: 'previous', name: 'previous' },
      { kind: 'output', name: 'steps.x', step: 'x' },
    ] satisfies Placeholder[]);
  });

  for (const name of ['steps', 'steps.a.b', 'previous.path', 'foo.size', 'foo.path.file']) {
    it(`calls {{{${name}}}} unknown and leaves it as written`, () => {
      const template = parse(`{{{${name}}}}`);
      assert.deepEqual(template.parts, [{ kind: 'unknown', name }]);
      assert.equal(render(template, sources()), `{{{${name}}}}`);
    });
  }

  it('resolves at once when all is at hand, else later', async () => {
    assert.equal(typeof rendered('{{{a}}}'), 'string');
    const later = rendered('1 {{{a}}} 2 {{{b}}} 3', sources({}, { content: async (key) => `[${key}]` }));
    assert.ok(later instanceof Promise);
    assert.equal(await later, '1 [a] 2 [b] 3');
  });

  it('is at most so long with all that is put in, and asks for no more than that', async () => {
    const half = 'x'.repeat(MOST_RENDERED / 2);
    const asked: string[] = [];
    const from = (isLate: boolean) => {
      const content = (key: string) => {
        asked.push(key);
        return isLate ? Promise.resolve(half) : half;
      };
      return sources({}, { content });
    };
    for (const isLate of [false, true]) {
      assert.equal((await rendered('{{{a}}}{{{b}}}', from(isLate))).length, MOST_RENDERED);
      await assert.rejects(async () => rendered('{{{c}}}{{{d}}}, {{{e}}}', from(isLate)), TooLong);
    }
    assert.deepEqual(asked, ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']);
  });

  it('leaves no rejection behind when a later part throws', async () => {
    const from = sources(
      {},
      {
        content: () => Promise.reject(new Error('first')),
        path: () => assert.fail('must not be reached'),
      },
    );
    await assert.rejects(async () => rendered('{{{a}}}{{{a.path}}}', from), /first/);
  });

  it('knows an identifier', () => {
    for (const good of ['a', '_', 'A-1_b', 'steps']) assert.ok(isIdentifier(good), good);
    for (const bad of ['', '1', '-a', 'a.b', 'a b', 'a\n', 'ä']) assert.ok(!isIdentifier(bad), bad);
  });
});

/** Texts made of what usually breaks templates. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '{{{a}}}',
        '{{{b}}}',
        '{{{',
        '}}}',
        '\\{{{',
        '\\',
        '$&',
        '$1',
        '$$',
        '\0',
        '\ud800',
        '\udc00',
        '\n',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

describe('template, for any text', () => {
  it('puts contents in exactly as they are, in one pass', () => {
    fc.assert(
      fc.property(nasty, nasty, (a, b) => {
        assert.equal(rendered('<{{{a}}}|{{{b}}}|{{{a}}}>', sources({ a, b })), `<${a}|${b}|${a}>`);
      }),
    );
  });

  it('puts contents that arrive later in exactly as they are', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (a, previous) => {
        const from = sources({}, { content: async () => a, previous });
        assert.equal(
          await rendered('{{{previous}}}{{{a}}}{{{previous}}}', from),
          `${previous}${a}${previous}`,
        );
      }),
    );
  });

  it('gives back any text whose {{{ are escaped', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        assert.equal(rendered(text.replace(/\{{3}/g, '\\{{{')), text);
      }),
    );
  });
});
