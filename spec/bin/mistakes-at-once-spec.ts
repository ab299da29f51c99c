import { ask, explained, type Row } from './mistakes.js';

const files = {
  'many.json':
    '[{"type": "openai", "prmpt": "x"}, {"type": "opnai"}, {"type": "openai", "prompt": "{{{bar}}}"}]',
  'lacks.json': JSON.stringify([
    { ...ask, prmpt: 'x' },
    ask,
    { type: 'cmd', cmd: ['no-such-program'] },
    { type: 'codex', prompt: 'y' },
  ]),
};

const rows: Row[] = [
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
      /steps\[2\]\.cmd\[0\]: .*there is no such program/,
      /steps\[3\]: needs the Codex CLI/,
      /lacking\.txt:2: /,
      /generated folder taken: /,
    ],
    { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } },
  ],
  [
    'a broken config and a broken list at once',
    'run broken.json -p 0 -k foo:lacking.txt',
    [/--parallel: /, /broken\.json:2:13: /, /lacking\.txt:2: /],
  ],
  ['a broken config, without waiting for stdin', 'run broken.json -k foo:-', /broken\.json:2:13: /],
];

explained('bin: several mistakes at once', files, rows);
