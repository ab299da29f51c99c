import { codex, explained, type Row } from './mistakes.js';

const files = {
  'bin.json': JSON.stringify([{ ...codex, bin: 'no-such-codex' }]),
  'program.json': '[{"type": "cmd", "cmd": ["no-such-program"]}]',
  'two.json': '[{"type": "openai", "prompt": "x"}, {"type": "codex", "prompt": "y"}]',
  'commands.json': '[{"type": "cmd", "cmd": "ls"}, {"type": "cmd", "cmd": ["no-such-program"]}]',
};

const rows: Row[] = [
  [
    'a missing program',
    'run program.json',
    /steps\[0\]\.cmd\[0\]: cannot start "no-such-program": there is no such program on PATH/,
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
    'a working folder that is missing, though no step works in it',
    'run good.json -k foo:list.txt --workdir lost',
    /^error: workdir: no such folder: \/.*\/lost\n$/,
  ],
  [
    'a working folder that is missing, once',
    'run commands.json --workdir lost',
    /^error: workdir: no such folder: \/.*\/lost\n$/,
  ],
];

explained('bin: what a run lacks in its surroundings', files, rows);
