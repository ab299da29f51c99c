import assert from 'node:assert/strict';
import { folderWith } from '../helpers/folder.js';
import { type LlmServer, llmServer } from '../helpers/llm-server.js';
import { type Ended, ranAhead, runBin } from '../helpers/program.js';

const ask = { type: 'openai', prompt: 'Review {{{foo}}}' };
const codex = { type: 'codex', prompt: 'Fix {{{foo}}}' };

const files = {
  'good.json': JSON.stringify([ask]),
  'codex.json': JSON.stringify([codex]),
  'broken.json': '[{"type": "openai",\n  "prompt": review}]',
  'broken.yaml': '- type: openai\n  prompt: [a, b\n',
  'duplicate.yaml': '- type: openai\n  prompt: a\n  prompt: b\n',
  'text.json': '"review"',
  'number.yaml': '3\n',
  'empty.json': '',
  'comment.yaml': '# nothing yet\n',
  'nosteps.json': '[]',
  'nolist.json': '{"steps": {"type": "openai"}}',
  'type.json': '[{"type": "opnai", "prompt": "x"}]',
  'field.json': '[{"type": "openai", "prompt": "x"}, {"type": "openai", "prmpt": "x"}]',
  'top.json': '{"steps": [{"type": "openai", "prompt": "x"}], "key": {}}',
  'placeholder.json': '[{"type": "openai", "prompt": "x {{{fooo}}}"}]',
  'previous.json': '[{"type": "openai", "prompt": "x {{{previous}}}"}]',
  'steps.json':
    '[{"type": "openai", "prompt": "a", "name": "draft"}, {"type": "openai", "prompt": "{{{steps.drat}}}"}]',
  'shell.json': '[{"type": "cmd", "cmd": "wc -l {{{foo.path}}}"}]',
  'bin.json': JSON.stringify([{ ...codex, bin: 'no-such-codex' }]),
  'program.json': '[{"type": "cmd", "cmd": ["no-such-program"]}]',
  'both.json': '[{"type": "openai", "prompt": "x", "promptFile": "a.md"}]',
  'neither.json': '[{"type": "openai"}]',
  'two.json': '[{"type": "openai", "prompt": "x"}, {"type": "codex", "prompt": "y"}]',
  'many.json':
    '[{"type": "openai", "prmpt": "x"}, {"type": "opnai"}, {"type": "openai", "prompt": "{{{bar}}}"}]',
  'lacks.json': JSON.stringify([
    { ...ask, prmpt: 'x' },
    ask,
    { type: 'cmd', cmd: ['no-such-program'] },
    { type: 'codex', prompt: 'y' },
  ]),
  'commands.json': '[{"type": "cmd", "cmd": "ls"}, {"type": "cmd", "cmd": ["no-such-program"]}]',
  'stdin.json': JSON.stringify({ steps: [ask], keys: { foo: '-' } }),
  'list.txt': 'a.md\n',
  'lacking.txt': 'a.md\nlost.md\n\nb/gone.md\na.md\n.\n',
  'unexpanded.txt': '~/a.md\n*.md\n',
  'blank.txt': '\r\n\n',
  'utf16.txt': Buffer.from('\ufeffa.md\n', 'utf16le'),
  'a.md': 'content',
  taken: 'a file, not a folder',
};

type Options = { readonly env?: Record<string, string | undefined>; readonly stdin?: string };
type Row = [what: string, args: string, expected: RegExp | RegExp[], options?: Options];

const rows: Row[] = [
  [
    '--parallel 0',
    'run good.json -k foo:list.txt --parallel 0',
    /--parallel: expected a whole number from 1 up, got "0"/,
  ],
  ['--parallel -1', 'run good.json -k foo:list.txt --parallel -1', /--parallel: .*from 1 up, got "-1"/],
  ['--parallel x', 'run good.json -k foo:list.txt -p x', /--parallel: .*from 1 up, got "x"/],
  ['-p0', 'run good.json -k foo:list.txt -p0', /^error: --parallel: .*from 1 up, got "0"/],
  ['-p-1', 'run good.json -kfoo:list.txt -p-1', /^error: --parallel: .*from 1 up, got "-1"\n$/],
  [
    '--ordered with a value',
    'run good.json --ordered=false',
    /--ordered takes no value; leave it out to turn it off/,
  ],
  ['--parallel 1.5', 'run good.json -k foo:list.txt --parallel=1.5', /--parallel: .*from 1 up, got "1.5"/],
  [
    '--timeout 0',
    'run good.json -k foo:list.txt --timeout 0',
    /--timeout: expected a number of seconds above 0, got "0"/,
  ],
  [
    '--print x',
    'run good.json -k foo:list.txt --print x',
    /--print: expected one of ndjson, output, path, got "x"/,
  ],
  [
    '--simulate with an unknown setting',
    'run good.json -k foo:list.txt --simulate=speed=1',
    /--simulate: unknown part `speed=1`; expected latency=/,
  ],
  [
    'a key without a list',
    'run good.json --key foo',
    /--key: expected name:list, got "foo"; for example --key foo:paths\.txt/,
  ],
  ['a key twice', 'run good.json -k foo:list.txt -k foo:list.txt', /--key: "foo" is given twice/],
  [
    'stdin for two keys',
    'run good.json -k foo:- -k bar:-',
    /--key: stdin \(-\) can be the list of one key only/,
  ],
  [
    'a reserved key name',
    'run good.json -k foo:list.txt -k steps:list.txt -k previous:list.txt',
    [/key steps: the name is reserved/, /key previous: the name is reserved/],
  ],
  [
    'a key name that no placeholder can have',
    'run good.json -k foo:list.txt -k 1x:list.txt',
    /key 1x: no name for a key; expected letters/,
  ],
  [
    'stdin as the list of a config',
    'run stdin.json',
    /^error: key foo: stdin \(-\) is for --key on the command line only; name a file that lists paths\n$/,
  ],
  [
    'an unknown placeholder beside keys without a valid name',
    'run placeholder.json -k foo:list.txt -k 1x:list.txt',
    /\{\{\{fooo\}\}\} is not defined; did you mean \{\{\{foo\}\}\}\? Keys: foo\n/,
  ],
  [
    'a missing list',
    'run good.json -k foo:lost.txt',
    /lost\.txt: no such file; expected a text file that lists paths, one a line \(key foo\)/,
  ],
  [
    'a folder as the list',
    'run good.json -k foo:.',
    /\.: is a directory; expected a text file that lists paths/,
  ],
  ['a list in UTF-16', 'run good.json -k foo:utf16.txt', /utf16\.txt: .*UTF-16/],
  ['an empty list', 'run good.json -k foo:blank.txt', /blank\.txt: the list is empty/],
  ['an empty list on stdin', 'run good.json -k foo:-', /stdin: the list is empty/, { stdin: '\n' }],
  [
    'a missing file in a list from stdin',
    'run good.json -k foo:-',
    /stdin:2: lost\.md: no such file/,
    { stdin: 'a.md\nlost.md\n' },
  ],
  [
    'missing files, all of them with their lines',
    'run good.json -k foo:lacking.txt',
    [
      /lacking\.txt:2: lost\.md: no such file/,
      /lacking\.txt:4: b\/gone\.md: no such file/,
      /lacking\.txt:6: \.: is a directory/,
    ],
  ],
  [
    'lines that a shell would expand',
    'run good.json -k foo:unexpanded.txt',
    [
      /unexpanded\.txt:1: ~\/a\.md: .*~ isn.t expanded/,
      /unexpanded\.txt:2: \*\.md: .*patterns aren.t expanded/,
    ],
  ],
  ['a missing config', 'run lost.json', /lost\.json: no such file; expected a config/],
  ['a folder as the config', 'run .', /\.: is a directory; expected a config file/],
  [
    'a config that is no JSON',
    'run broken.json',
    /broken\.json:2:13: is not valid JSON: expected a value, found "r"/,
  ],
  ['a config that is no YAML', 'run broken.yaml', /broken\.yaml:3:1: is not valid YAML/],
  ['a field twice in YAML', 'run duplicate.yaml', /duplicate\.yaml:3:3: is not valid YAML: .*unique/],
  [
    'a config that is a text',
    'run text.json',
    /text\.json: expected a list of steps.*got "review" \(string\)/,
  ],
  [
    'a config that is a number',
    'run number.yaml',
    /number\.yaml: expected a list of steps.*got 3 \(number\)/,
  ],
  ['an empty file', 'run empty.json', /empty\.json: is empty; expected a list of steps/],
  ['a config of comments alone', 'run comment.yaml', /comment\.yaml: is empty/],
  ['an empty list of steps', 'run nosteps.json', /steps: is empty; expected at least one step/],
  ['steps that are no list', 'run nolist.json', /steps: expected a list of steps, got an object/],
  [
    'an unknown type',
    'run type.json',
    /steps\[0\]\.type: unknown type "opnai"; did you mean "openai"\?; known types: openai, codex, cmd/,
  ],
  ['an unknown field', 'run field.json', /steps\[1\]\.prmpt: unknown field; did you mean "prompt"\?/],
  ['an unknown field beside the steps', 'run top.json', /key: unknown field; did you mean "keys"\?/],
  [
    'an unknown placeholder',
    'run placeholder.json -k foo:list.txt',
    /steps\[0\]\.prompt: \{\{\{fooo\}\}\} is not defined; did you mean \{\{\{foo\}\}\}\?/,
  ],
  [
    '{{{previous}}} in the first step',
    'run previous.json',
    /steps\[0\]\.prompt: \{\{\{previous\}\}\}.*first step/,
  ],
  [
    'an unknown step in a placeholder',
    'run steps.json',
    /steps\[1\]\.prompt: \{\{\{steps\.drat\}\}\}.*did you mean \{\{\{steps\.draft\}\}\}\?/,
  ],
  [
    'a placeholder in a shell line',
    'run shell.json -k foo:list.txt',
    /steps\[0\]\.cmd: .*\["sh", "-c", "wc -l \\"\$1\\"", "sh", "\{\{\{foo\.path\}\}\}"\]/,
  ],
  [
    'a missing program',
    'run program.json',
    /steps\[0\]\.cmd\[0\]: there is no program "no-such-program" on PATH/,
  ],
  [
    'prompt and promptFile',
    'run both.json',
    /steps\[0\]\.promptFile: stands beside `prompt`; give one of them/,
  ],
  [
    'neither prompt nor promptFile',
    'run neither.json',
    /steps\[0\]\.prompt: missing; give `prompt` or `promptFile`/,
  ],
  [
    'a file where artefacts should go',
    'run good.json -k foo:list.txt --generated taken',
    /generated folder taken: cannot write there.*--generated/,
  ],
  [
    'no API key',
    'run good.json -k foo:list.txt',
    /steps\[0\]: no API key: set the environment variable OPENAI_API_KEY, or rehearse with --simulate/,
    { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } },
  ],
  [
    'an empty API key',
    'run good.json -k foo:list.txt',
    /no API key: set the environment variable OPENAI_API_KEY/,
    { env: { OPENAI_API_KEY: '', OPENAI_BASE_URL: undefined } },
  ],
  [
    'no codex',
    'run codex.json -k foo:list.txt',
    /steps\[0\]: needs the Codex CLI: "codex".*npm install -g @openai\/codex.*--simulate/,
  ],
  [
    'a `bin` that is not there',
    'run bin.json -k foo:list.txt',
    /steps\[0\]\.bin: `bin` names "no-such-codex", and there is no such program/,
  ],
  [
    'neither API key nor codex',
    'run two.json',
    [/steps\[0\]: no API key/, /steps\[1\]: needs the Codex CLI/],
    { env: { OPENAI_BASE_URL: undefined, OPENAI_API_KEY: undefined } },
  ],
  [
    '--print path where the last step is no codex',
    'run good.json -k foo:list.txt --print path',
    /--print path: only a codex step leaves a final message file, and the last step is none; use --print output/,
  ],
  [
    'an unknown option',
    'run good.json --paralel 3',
    /unknown option --paralel; did you mean "--parallel"\?; see orchestrator run --help/,
  ],
  ['an option without its value', 'run good.json --parallel', /--parallel: its value is missing/],
  ['a second config', 'run good.json codex.json', /unexpected argument "codex\.json"; run takes one config/],
  [
    'settings of --simulate after a space',
    'run good.json --simulate latency=3',
    /follow an equals sign: --simulate=latency=3/,
  ],
  ['no config', 'run', /the config is missing: orchestrator run <config>/],
  [
    'an unknown command',
    'rum good.json',
    /no such command; there are run, .*; did you mean "run"\?; see orchestrator --help/,
  ],
  ['no command', '', /orchestrator run .*<config>/],
  [
    'all mistakes at once',
    'run many.json -p 0 --timeout x -k foo:lacking.txt --print path --simulate=fail=2',
    [
      /--parallel: /,
      /--timeout: /,
      /--print path: /,
      /--simulate: /,
      /steps\[0\]\.prmpt: /,
      /steps\[1\]\.type: /,
      /steps\[2\]\.prompt: \{\{\{bar\}\}\}/,
      /lacking\.txt:2: /,
      /lacking\.txt:6: /,
    ],
  ],
  [
    'what a config, its lists and its surroundings lack, at once',
    'run lacks.json -k foo:lacking.txt --generated taken',
    [
      /steps\[0\]\.prmpt: /,
      /steps\[1\]: no API key/,
      /steps\[2\]\.cmd\[0\]: there is no program/,
      /steps\[3\]: needs the Codex CLI/,
      /lacking\.txt:2: /,
      /generated folder taken: /,
    ],
    { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } },
  ],
  [
    'a working folder that is missing, though no step works in it',
    'run good.json -k foo:list.txt --workdir lost',
    /^error: workdir: no such folder: \/.*\/lost\n$/,
  ],
  [
    'a working folder that is missing, once',
    'run commands.json --workdir lost',
    /^error: workdir: no such folder: \/.*\/lost\n$/,
  ],
  [
    'a broken config and a broken list at once',
    'run broken.json -p 0 -k foo:lacking.txt',
    [/--parallel: /, /broken\.json:2:13: /, /lacking\.txt:2: /],
  ],
  ['a broken config, without waiting for stdin', 'run broken.json -k foo:-', /broken\.json:2:13: /],
];

describe('bin: mistakes of the user', () => {
  let llm: LlmServer;
  let cwd: string;

  before(async () => {
    llm = await llmServer();
    cwd = folderWith(files);
  });
  const endOf = ranAhead(rows, run);
  after(() => llm.stop());

  function run([, args, , { env, stdin } = {}]: Row): Promise<Ended> {
    const base = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: llm.baseUrl, PATH: '/nowhere' };
    const given = args === '' ? [] : args.split(' ');
    return runBin(given, { cwd, env: { ...base, ...env }, ...(stdin !== undefined && { stdin }) });
  }

  for (const row of rows) {
    const [what, , expected] = row;
    it(`explains ${what}`, () => {
      const { code, stdout, stderr } = endOf(row);
      for (const pattern of [expected].flat()) assert.match(stderr, pattern);
      assert.equal(stdout, '');
      assert.equal(code, 2);
      assert.doesNotMatch(stderr, /internal fault|\n {4}at /);
      assert.equal(llm.requests.length, 0);
    });
  }
});
