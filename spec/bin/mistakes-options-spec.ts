import { explained, type Row } from './mistakes.js';

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
    '--print path where the last step is no codex',
    'run good.json -k foo:list.txt --print path',
    /--print path: only a codex step leaves a final message file, and the last step isn't one; use --print output/,
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
  ['help for an unknown command', 'help rum', /no such command; there are run, .*; did you mean "run"\?/],
  ['no command', '', /orchestrator run .*<config>/],
];

explained('bin: mistakes in the command line', {}, rows);
