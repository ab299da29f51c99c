import assert from 'node:assert/strict';
import { nearPlaceholders } from '../../lib/config/placeholders.js';
import { operator, step } from '../../lib/step/step.js';
import { check, good, keysOf } from '../helpers/checked-steps.js';

describe('checkSteps, placeholders', () => {
  const prompt = (text: string, name?: string) => ({ type: 'ask', prompt: text, ...(name && { name }) });
  const keys = [...keysOf('foo', 'bar'), { name: 'n', values: true }];

  const rows: [string, unknown[], string[]][] = [
    [
      'an unknown key',
      [prompt('{{{fooo}}}')],
      ['{{{fooo}}} is not defined; did you mean {{{foo}}}? Keys: foo, bar, n'],
    ],
    [
      'an unknown key, once a template',
      [prompt('{{{x}}} {{{x}}}')],
      ['{{{x}}} is not defined. Keys: foo, bar, n'],
    ],
    [
      'an unknown key’s path',
      [prompt('{{{fooo.path}}}')],
      ['{{{fooo.path}}} is not defined; did you mean {{{foo.path}}}? Keys: foo, bar, n'],
    ],
    [
      'an unknown part of a key',
      [prompt('{{{foo.pth}}}')],
      ['{{{foo.pth}}} is not defined; did you mean {{{foo.path}}}? Keys: foo, bar, n'],
    ],
    [
      'a path of a value',
      [prompt('{{{n.path}}}')],
      ['{{{n.path}}} is a path, but key n has values; use {{{n}}}'],
    ],
    [
      'previous in the first step',
      [prompt('{{{previous}}}')],
      ['{{{previous}}} has no value: the first step has no previous output'],
    ],
    ['steps alone', [prompt('{{{steps}}}')], ['{{{steps}}} is not defined. Keys: foo, bar, n']],
    [
      'the step itself',
      [prompt('{{{steps.a}}}', 'a')],
      ['{{{steps.a}}} is this step itself; only outputs of earlier steps can be put in'],
    ],
    [
      'a later step',
      [prompt('{{{steps.b}}}'), prompt('x', 'b')],
      ['{{{steps.b}}} is a later step (steps[1]); only outputs of earlier steps can be put in'],
    ],
  ];
  for (const [title, steps, messages] of rows) {
    it(`refuse ${title}`, async () => {
      const { issues } = await check(steps, { keys });
      assert.deepEqual(
        issues,
        messages.map((message) => `steps[0].prompt: ${message}`),
      );
    });
  }

  it('refuse an unknown step, and suggest one', async () => {
    const { issues } = await check([prompt('x', 'draft'), prompt('{{{steps.drft}}}')]);
    assert.deepEqual(issues, [
      'steps[1].prompt: {{{steps.drft}}} is not defined; did you mean {{{steps.draft}}}? Earlier steps: draft',
    ]);
  });

  it('list only the steps that can be referred to', async () => {
    const steps = [
      prompt('x', 'a b'),
      { type: 'akk' },
      good,
      good,
      prompt('x', 'sum'),
      prompt('{{{steps.other}}}'),
    ];
    const { issues } = await check(steps);
    assert.equal(issues.at(-1), 'steps[5].prompt: {{{steps.other}}} is not defined. Earlier steps: sum');
  });

  it('refuse a default name that stands twice', async () => {
    const { issues } = await check([
      prompt('a'),
      prompt('b'),
      { type: 'shell', cmd: ['x', '{{{steps.ask}}}'] },
    ]);
    assert.deepEqual(issues, [
      'steps[2].cmd[1]: {{{steps.ask}}} is ambiguous: steps[0] and steps[1] are both called that; give the one you mean a name',
    ]);
  });

  it('refuse a step whose name no placeholder can hold', async () => {
    const { issues } = await check([
      prompt('x', 'my step'),
      prompt('y', 'v1.2'),
      prompt('{{{steps.my step}}}'),
      prompt('{{{steps.v1.2}}} \\{{{steps.my step}}}'),
      prompt('{{{steps.my.step}}}'),
    ]);
    assert.deepEqual(issues, [
      'steps[4].prompt: {{{steps.my.step}}} is not defined. Keys: none, define one with --key name:list.txt',
      'steps[2].prompt: {{{steps.my step}}} cannot refer to "my step": letters, digits, _ and - only; give that step another name',
      'steps[3].prompt: {{{steps.v1.2}}} cannot refer to "v1.2": letters, digits, _ and - only; give that step another name',
    ]);
  });

  it('say how to define a key where there is none', async () => {
    const { issues } = await check([prompt('{{{foo}}}')]);
    assert.deepEqual(issues, [
      'steps[0].prompt: {{{foo}}} is not defined. Keys: none, define one with --key foo:list.txt',
    ]);
  });

  it('may name keys, the previous output and earlier steps, named or the only one of their type', async () => {
    const { issues, contents, kept, unused, readsAnyKey } = await check(
      [
        prompt('{{{foo}}} {{{bar.path}}} {{{bar.file}}}', 'draft'),
        operator('score', (flow$) => flow$),
        prompt('{{{previous}}} {{{steps.draft}}} {{{steps.score}}}'),
        { type: 'shell', cmd: ['x', '{{{steps.ask}}}'] },
      ],
      { keys },
    );
    assert.deepEqual(issues, []);
    assert.deepEqual([...contents], ['foo']);
    assert.deepEqual([...kept], ['draft', 'score', 'ask']);
    assert.deepEqual(unused, ['n']);
    assert.equal(readsAnyKey, true);
  });

  it('tell the keys that no step uses', async () => {
    assert.deepEqual((await check([prompt('{{{foo.file}}} \\{{{bar}}}')], { keys })).unused, ['bar', 'n']);
  });

  it('count as use of the key that is probably meant', async () => {
    const { issues, unused } = await check([prompt('{{{Foo}}} {{{bar}}}')], { keys: keysOf('foo', 'bar') });
    assert.equal(issues.length, 1);
    assert.deepEqual(unused, []);
  });

  it('tell of no unused key where a step is broken, or there is none', async () => {
    assert.deepEqual((await check([prompt('x'), { type: 'akk' }], { keys })).unused, []);
    assert.deepEqual((await check([], { keys })).unused, []);
  });

  it('that name a key with a mistake of its own are not told as another mistake', async () => {
    const steps = [prompt('{{{doc}}} {{{doc.path}}} {{{my.doc}}} {{{docs}}}')];
    const { issues } = await check(steps, { brokenKeys: ['doc', 'my.doc'] });
    assert.deepEqual(issues, [
      'steps[0].prompt: {{{docs}}} is not defined. Keys: none, define one with --key docs:list.txt',
    ]);
  });

  it('that name a step whose name was given twice are not told as another mistake', async () => {
    const { issues } = await check([prompt('a', 'x'), prompt('b', 'x'), prompt('{{{steps.x}}}')]);
    assert.deepEqual(issues, ['steps[1].name: "x" is already the name of steps[0]']);
  });

  it('are looked at beside other mistakes in the same step', async () => {
    const steps = [
      { ...prompt('{{{fooo}}}'), x: 1 },
      { ...prompt('{{{fooo}}}'), timeout: 0 },
      { ...prompt('{{{fooo}}}'), workdir: 5 },
      { ...prompt('{{{fooo}}}'), promptFile: 'no.md' },
    ];
    const { issues } = await check(steps, { keys: keysOf('foo') });
    assert.deepEqual(issues, [
      'steps[0].x: unknown field',
      'steps[1].timeout: expected a number above 0, got 0 (number)',
      'steps[2].workdir: expected a string, got 5 (number)',
      'steps[3].prompt: expected one of prompt and promptFile',
      ...[0, 1, 2, 3].map(
        (index) => `steps[${index}].prompt: {{{fooo}}} is not defined; did you mean {{{foo}}}? Keys: foo`,
      ),
    ]);
  });

  it('know of a step that has issues of its own', async () => {
    const { issues } = await check([{ ...good, name: 'draft', x: 1 }, prompt('{{{steps.draft}}}')]);
    assert.deepEqual(issues, ['steps[0].x: unknown field']);
  });
});

describe('checkSteps, names', () => {
  it('are given once', async () => {
    const { issues } = await check([{ ...good, name: 'x' }, good, { ...good, name: 'x' }]);
    assert.deepEqual(issues, ['steps[2].name: "x" is already the name of steps[0]']);
  });

  it('of ready-made steps may stand twice, but then nothing can refer to them', async () => {
    const score = step('score', () => '');
    assert.deepEqual((await check([score, score])).issues, []);
    assert.deepEqual((await check([score, score, { type: 'ask', prompt: '{{{steps.score}}}' }])).issues, [
      'steps[2].prompt: {{{steps.score}}} is ambiguous: steps[0] and steps[1] are both called that; give the one you mean a name',
    ]);
  });

  it('may stand twice when they are the types’', async () => {
    const { issues, steps } = await check([good, good]);
    assert.deepEqual(issues, []);
    assert.deepEqual(
      steps.map(({ name }) => name),
      ['ask', 'ask'],
    );
  });
});

describe('nearPlaceholders', () => {
  const rows: [text: string, found: [written: string, meant: string][]][] = [
    ['{{{doc}}} {{{doc.path}}} {{{previous}}}', []],
    ['{{{ doc }}}', [['{{{ doc }}}', 'doc']]],
    ['{{doc.path}}', [['{{doc.path}}', 'doc.path']]],
    [
      '{{{doc}} {{ steps.draft }} {{other}}',
      [
        ['{{{doc}}', 'doc'],
        ['{{ steps.draft }}', 'steps.draft'],
        ['{{other}}', 'other'],
      ],
    ],
    ['\\{{{ doc }}} \\{{doc}} {{{{doc}}}} {doc}', []],
  ];
  for (const [text, expected] of rows) {
    it(`finds in ${text}: ${expected.length}`, () => {
      assert.deepEqual(
        nearPlaceholders(text).map(({ written, meant }) => [written, meant.name]),
        expected,
      );
    });
  }
});

describe('checkSteps, what is nearly a placeholder', () => {
  const prompt = (text: string, name?: string) => ({ type: 'ask', prompt: text, ...(name && { name }) });
  const told = (written: string, meant: string) =>
    `${written} is plain text; the placeholder is ${meant}, and the text itself is written \\${written} (in double quotes \\\\${written})`;

  const refused: [title: string, text: string, written: string, meant: string][] = [
    ['of a key', 'a {{doc}}', '{{doc}}', '{{{doc}}}'],
    ['of a part that a key does not have', '{{doc.size}}', '{{doc.size}}', '{{{doc.size}}}'],
    ['with spaces', '{{{ doc.path }}}', '{{{ doc.path }}}', '{{{doc.path}}}'],
    ['of the previous output', '{{previous}}', '{{previous}}', '{{{previous}}}'],
    ['of an earlier step', '{{ steps.draft }}', '{{ steps.draft }}', '{{{steps.draft}}}'],
  ];
  for (const [title, text, written, meant] of refused) {
    it(`is refused where it would stand for something: ${title}`, async () => {
      const steps = [prompt('x {{{doc}}}', 'draft'), prompt(text)];
      const { issues, warnings } = await check(steps, { keys: keysOf('doc') });
      assert.deepEqual(issues, [`steps[1].prompt: ${told(written, meant)}`]);
      assert.deepEqual(warnings, []);
    });
  }

  it('is warned of where it would stand for nothing, and left alone where nothing has that name', async () => {
    const { issues, warnings } = await check([prompt('{{previous}} {{steps.x}} {{other}} {{{doc}}}')], {
      keys: keysOf('doc'),
    });
    assert.deepEqual(issues, []);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      [told('{{previous}}', '{{{previous}}}'), told('{{steps.x}}', '{{{steps.x}}}')],
    );
  });

  it('may stand behind a backslash', async () => {
    const { issues, warnings } = await check([prompt('\\{{doc}} \\{{{ doc }}} {{{doc}}}')], {
      keys: keysOf('doc'),
    });
    assert.deepEqual([...issues, ...warnings], []);
  });

  it('counts as use of its key', async () => {
    assert.deepEqual((await check([prompt('{{doc}}')], { keys: keysOf('doc') })).unused, []);
  });
});
