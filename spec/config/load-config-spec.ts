import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '../../lib/config/load-config.js';
import { ConfigError } from '../../lib/errors.js';
import { folderWith } from '../helpers/folder.js';

function load(name: string, content: string | Buffer) {
  return loadConfig(name, folderWith({ [name]: content }));
}

function refuses(work: Promise<unknown>, message: RegExp | string): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

const DEEP = (type: string) => `c.${type}: is nested more than 200 levels deep`;

describe('loadConfig', () => {
  const steps = [{ type: 'openai', prompt: 'Hi' }];

  const good: [string, string, string][] = [
    ['a bare JSON list', 'c.json', JSON.stringify(steps)],
    ['a JSON object', 'c.json', JSON.stringify({ $schema: './x.json', steps })],
    ['JSON with a byte order mark', 'c.json', `\ufeff${JSON.stringify(steps)}`],
    ['a bare YAML list', 'c.yaml', '# a comment\n- type: openai\n  prompt: Hi\n'],
    ['a YAML object with CRLF', 'c.yml', 'steps:\r\n  - type: openai\r\n    prompt: Hi\r\n'],
    [
      'YAML with anchors and merge keys',
      'c.yaml',
      'steps:\n  - &a { type: openai, prompt: No }\n  - { <<: *a, prompt: Hi }\n',
    ],
    ['JSON in a file of another name', 'config', JSON.stringify(steps)],
  ];
  for (const [title, name, content] of good) {
    it(`reads ${title}`, async () => {
      const config = await load(name, content);
      assert.deepEqual(config.issues, []);
      assert.deepEqual(config.steps.at(-1), steps[0]);
    });
  }

  it('tells the folder, the defaults, the prices and the lists, which are reached from the working directory', async () => {
    const folder = folderWith({
      'conf/c.json': JSON.stringify({
        steps,
        keys: { a: 'lists/a.txt', b: '/b.txt' },
        defaults: { openai: {} },
        prices: { mine: { input: 1, output: 2 } },
      }),
    });
    const config = await loadConfig('conf/c.json', folder);
    const base = join(folder, 'conf');
    assert.equal(config.folder, base);
    assert.deepEqual(config.keys, { a: { list: 'conf/lists/a.txt', base }, b: { list: '/b.txt', base } });
    assert.deepEqual(config.defaults, { openai: {} });
    assert.deepEqual(config.prices, { mine: { input: 1, output: 2 } });
  });

  const bad: [string, string, string | Buffer, RegExp | string][] = [
    ['an empty file', 'c.json', '', 'c.json: is empty; expected a list of steps'],
    ['a file of white space', 'c.yaml', ' \n', 'c.yaml: is empty; expected a list of steps'],
    ['a file of comments', 'c.yaml', '# nothing\n', 'c.yaml: is empty; expected a list of steps'],
    ['null', 'c.json', 'null', 'c.json: is empty; expected a list of steps'],
    [
      'a string',
      'c.json',
      '"x"',
      'c.json: expected a list of steps, or an object with "steps", got "x" (string)',
    ],
    [
      'prose',
      'c.yaml',
      'hello there',
      /^c\.yaml: expected a list of steps, .* got "hello there" \(string\)$/,
    ],
    [
      'broken JSON, with line and column',
      'c.json',
      '[\n  {"type": "openai",}\n]\n',
      'c.json:2:20: is not valid JSON: a comma before the closing }; remove it',
    ],
    [
      'JSON that ends early',
      'c.json',
      '[\n  {"type": "openai"',
      'c.json:2:20: is not valid JSON: expected "," or "}", found the end',
    ],
    [
      'YAML in a .json file',
      'c.json',
      'steps: []',
      'c.json:1:1: is not valid JSON: expected a value, found "s"',
    ],
    [
      'broken YAML, with line and column',
      'c.yaml',
      'steps:\n  - type: "openai\n',
      'c.yaml:3:1: is not valid YAML: a text in quotes has no closing quote',
    ],
    [
      'a placeholder that YAML takes for an object',
      'c.yaml',
      '- type: openai\n  prompt: {{{doc}}} please\n',
      'c.yaml:2:13: is not valid YAML: a text that begins with { needs quotes around it',
    ],
    [
      'one in a list',
      'c.yaml',
      '- type: cmd\n  cmd: [wc, {{{doc.path}}}]\n',
      'c.yaml:2:15: is not valid YAML: a text that begins with { needs quotes around it',
    ],
    [
      'a text with a colon',
      'c.yaml',
      '- type: openai\n  prompt: Review this: {{{doc}}}\n',
      'c.yaml:2:11: is not valid YAML: a text with a colon and a space in it needs quotes around it',
    ],
    [
      'a tab',
      'c.yaml',
      '- type: openai\n\tprompt: x\n',
      'c.yaml:2:2: is not valid YAML: the line is indented by a tab; write spaces',
    ],
    [
      'a YAML field that stands twice',
      'c.yaml',
      '- type: cmd\n  type: openai\n',
      'c.yaml:2:3: is not valid YAML: the field is given twice; its name must be unique',
    ],
    [
      'a YAML alias of nothing',
      'c.yaml',
      '- *x\n',
      'c.yaml: is not valid YAML: *x refers to nothing; a text that begins with * needs quotes around it',
    ],
    [
      'JSON with a comma too many in a file of another name',
      'c.conf',
      '[{"type": "openai" "prompt": "Hi"}]',
      'c.conf:1:20: is not valid JSON: expected "," or "}", found "\\""',
    ],
    [
      'JSONL',
      'c.jsonl',
      '{"type": "openai"}\n{"type": "openai"}\n',
      'c.jsonl:2:1: is not valid JSON: a second value follows the first, as in JSONL; a config is one list of steps: [ …, … ]',
    ],
    [
      'an escaped placeholder in double-quoted YAML',
      'c.yaml',
      '- prompt: "a \\{{{b}}}"\n',
      'c.yaml:1:14: is not valid YAML: in double quotes a literal {{{ is written \\\\{{{',
    ],
    [
      'a comma at the end of a line of YAML',
      'c.yaml',
      '- prompt: "Hi",\n  type: openai\n',
      'c.yaml:1:15: is not valid YAML: a comma ends the line; leave it out',
    ],
    [
      'an apostrophe within single quotes in YAML',
      'c.yaml',
      "- prompt: 'what's new'\n",
      /an apostrophe ends a text in single quotes; write it twice/,
    ],
    [
      'a YAML field that is indented less than its step',
      'c.yaml',
      '- type: openai\nprompt: x\n',
      /^c\.yaml:2:1: is not valid YAML: the line's indentation doesn't fit/,
    ],
    [
      'an unknown YAML tag',
      'c.yaml',
      '- !secret x\n',
      'c.yaml:1:3: is not valid YAML: a text that begins with ! needs quotes around it',
    ],
    [
      'two YAML documents',
      'c.yaml',
      '- a\n---\n- b\n',
      'c.yaml:2:1: is not valid YAML: a second document begins here (---); a config is one list of steps',
    ],
    [
      'Latin-1',
      'c.json',
      Buffer.from('["ä"]', 'latin1'),
      'c.json: is not UTF-8: invalid byte 0xe4 at position 2',
    ],
    ['JSON that is too deep', 'c.json', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, DEEP('json')],
    ['wrong JSON that is too deep', 'c.json', '['.repeat(20_000), DEEP('json')],
    [
      'YAML that is too deep',
      'c.yaml',
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      /^c\.yaml.*: lists and objects are nested too deep$/,
    ],
    ['YAML that stands in itself', 'c.yaml', '- &a [*a]', DEEP('yaml')],
    [
      'YAML whose aliases multiply',
      'c.yaml',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefg'.replace(/./g, (name) => `${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
      /^c\.yaml: is not valid YAML: Excessive alias count/,
    ],
    ['UTF-16', 'c.json', Buffer.from('\ufeff[]', 'utf16le'), /^c\.json: is UTF-16/],
  ];
  it('refuses a file that is too large, endless or a named pipe, and reads no more of it than a config has', async () => {
    const folder = folderWith({ large: '' });
    truncateSync(join(folder, 'large'), 2 ** 30);
    symlinkSync('/dev/zero', join(folder, 'zero'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const [name, what] of [
      ['large', 'is larger than 4 MiB'],
      ['zero', 'is larger than 4 MiB'],
      ['pipe', 'is a named pipe'],
    ] as const)
      await refuses(loadConfig(name, folder), `${name}: ${what}; expected a config, JSON or YAML`);
  });

  it('reads what a shell substitutes', async () => {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      'node --import tsx -e "$1" <(echo "[{type: cmd, cmd: [echo]}]")',
      'bash',
      `import('./lib/config/load-config.ts').then(async ({ loadConfig }) => console.log((await loadConfig(process.argv[1], '/')).steps.length))`,
    ]);
    assert.equal(stdout, '1\n');
  });

  for (const [title, name, content, message] of bad) {
    it(`refuses ${title}`, () => refuses(load(name, content), message));
  }

  it('refuses a missing file and a directory', async () => {
    const folder = folderWith();
    mkdirSync(join(folder, 'dir'));
    await refuses(loadConfig('no.json', folder), 'no.json: no such file; expected a config, JSON or YAML');
    await refuses(loadConfig('dir', folder), 'dir: is a directory; expected a config file, JSON or YAML');
  });

  const issues: [string, unknown, string[]][] = [
    ['no steps at all', {}, ['c.json: has no "steps"; expected a list of them']],
    ['an empty list', [], ['steps: is empty; expected at least one step']],
    ['an empty list of steps', { steps: [] }, ['steps: is empty; expected at least one step']],
    [
      'all mistakes at once',
      { stps: [], step: 1, keys: { a: 5, b: '' } },
      [
        'stps: unknown field; did you mean "steps"?',
        'step: unknown field; did you mean "steps"?',
        'keys.a: expected the path of a list, got 5 (number)',
        'keys.b: expected the path of a list, got "" (string)',
      ],
    ],
    [
      'keys that are no object',
      { steps, keys: ['a'] },
      ['keys: expected an object {name: list}, got a list'],
    ],
    [
      'a single step that is no list',
      { type: 'openai', prompt: 'Hi' },
      ['c.json: is a single step; put the step in a list: "- type: …" in YAML, [ { "type": … } ] in JSON'],
    ],
    [
      'a single step as the steps',
      { steps: { type: 'openai', prompt: 'Hi' } },
      [
        'steps: expected a list of steps, got an object; put the step in a list: "- type: …" in YAML, [ { "type": … } ] in JSON',
      ],
    ],
    [
      'steps by their names',
      { steps: { draft: { type: 'openai', prompt: 'Hi' } } },
      [
        'steps: expected a list of steps, got an object; the name of a step is one of its fields: "- name: draft"',
      ],
    ],
    [
      'paths where their list is expected',
      { steps, keys: { a: ['a.md'] } },
      [
        'keys.a: expected the path of a list, got a list; write its paths in a file, one a line, and name that file',
      ],
    ],
    ['steps that are no list', { steps: {} }, ['steps: expected a list of steps, got an object']],
  ];
  for (const [title, config, expected] of issues) {
    it(`collects ${title}`, async () => {
      const { issues } = await load('c.json', JSON.stringify(config));
      assert.deepEqual(
        issues.map(({ where, message }) => `${where}: ${message}`),
        expected,
      );
    });
  }
});
