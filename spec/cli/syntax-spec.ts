import assert from 'node:assert/strict';
import { Builtins, Cli } from 'clipanion';
import { ExplainCommand } from '../../lib/cli/commands/explain-command.js';
import { RemoveCommand } from '../../lib/cli/commands/remove-command.js';
import { ResultsCommand } from '../../lib/cli/commands/results-command.js';
import { RetryCommand } from '../../lib/cli/commands/retry-command.js';
import { RunCommand } from '../../lib/cli/commands/run-command.js';
import { syntaxMistake } from '../../lib/cli/syntax.js';

const COMMANDS = [
  RunCommand,
  RetryCommand,
  ResultsCommand,
  ExplainCommand,
  RemoveCommand,
  Builtins.HelpCommand,
];

describe('syntaxMistake', () => {
  const cli = new Cli({ binaryName: 'orchestrator' });
  for (const command of COMMANDS) cli.register(command);
  const rows: [line: string, mistake: string, help?: string][] = [
    ['run', 'the config is missing: orchestrator run <config>'],
    [
      'rum config.json',
      'no such command; there are run, retry, results, explain, rm; did you mean "run"?',
      '--help',
    ],
    [
      'config.json',
      'no such command; there are run, retry, results, explain, rm; to run a config: orchestrator run config.json',
      '--help',
    ],
    [
      'retry a.json',
      'unexpected argument "a.json"; retry resumes the last run; for another run or config: run [config] --resume <run>',
      'retry --help',
    ],
    ['rm', 'the run is missing: orchestrator rm <run> ...', 'rm --help'],
    ['explain', 'the run is missing: orchestrator explain <run> ...', 'explain --help'],
    ['results a b', 'unexpected argument "b"', 'results --help'],
    ['results a --fail', 'unknown option --fail', 'results --help'],
    ['run config.json --orderd', 'unknown option --orderd; did you mean "--ordered"?'],
    ['run config.json --paralel=3', 'unknown option --paralel; did you mean "--parallel"?'],
    ['run config.json -x', 'unknown option -x'],
    ['run config.json --ordered=false', '--ordered takes no value; leave it out to turn it off'],
    ['run config.json --key', '--key: its value is missing'],
    [
      'run a.json b.json',
      'unexpected argument "b.json"; run takes one config, and everything else by options',
    ],
    [
      'run a.json --simulate fail=1',
      'unexpected argument "fail=1"; the settings of --simulate follow an equals sign: --simulate=fail=1',
    ],
  ];
  for (const [line, expected, help = 'run --help'] of rows) {
    it(`explains ${line}`, () => {
      let thrown: unknown;
      try {
        cli.process(line.split(' '));
      } catch (error) {
        thrown = error;
      }
      assert.equal(
        syntaxMistake(thrown, ['--parallel', '--ordered']),
        `${expected}; see orchestrator ${help}`,
      );
    });
  }

  it('leaves other errors alone', () => {
    assert.equal(syntaxMistake(new TypeError('a fault'), []), null);
    assert.equal(syntaxMistake('a fault', []), null);
  });
});
