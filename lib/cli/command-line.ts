import { Builtins, Cli, type Command, type CommandClass } from 'clipanion';
import { ConfigError } from '../errors.js';
import { COMMANDS } from './commands/commands.js';
import { version } from './output.js';
import { OverviewCommand } from './overview.js';
import { syntaxMistake } from './syntax.js';

/** `help`, `help run` and `-V` as `--help`, `run --help` and `--version`: each means the same. */
export function withoutAliases(args: readonly string[]): readonly string[] {
  const [first, command, ...others] = args;
  if (first === '-V') return ['--version', ...args.slice(1)];
  if (first !== 'help') return args;
  return command === undefined || command.startsWith('-') ? ['--help'] : [command, '--help', ...others];
}

/** The program, as far as the arguments need it. */
export function cliFor(args: readonly string[], enableColors: boolean): Cli {
  const cli = new Cli({ binaryName: 'orchestrator', binaryVersion: version(), enableColors });
  for (const command of commandsFor(args)) cli.register(command);
  return cli;
}

/** The one that is named, else all: each costs a part of the time that a small run has to start. */
function commandsFor([name]: readonly string[]): readonly CommandClass[] {
  const known = [...COMMANDS, OverviewCommand, Builtins.VersionCommand];
  const named = known.find(({ paths = [] }) => paths.some(([first]) => first === name));
  return named ? [named] : known;
}

/** The command that the arguments name. Throws a ConfigError for a command line that doesn't parse. */
export function commandIn(cli: Cli, args: readonly string[]): Command {
  try {
    return processed(cli, bindNegatives(bindShort(helpFirst(args))));
  } catch (error) {
    const mistake = syntaxMistake(error, optionNames(cli));
    throw mistake === null ? error : new ConfigError([{ where: '', message: mistake }]);
  }
}

/** A resume may leave its config out. (clipanion doesn't explain mistakes of commands with optional arguments.) */
function processed(cli: Cli, args: readonly string[]): Command {
  try {
    return cli.process([...args]);
  } catch (error) {
    if (!args.some((arg) => arg === '--resume' || arg.startsWith('--resume='))) throw error;
    return withoutConfig(cli, args, error);
  }
}

function withoutConfig(cli: Cli, args: readonly string[], mistake: unknown): Command {
  try {
    return cli.process([...args, '']);
  } catch {
    throw mistake;
  }
}

/** `--parallel` and all the others. */
function optionNames(cli: Cli): string[] {
  const options = cli.definitions().flatMap(({ options }) => options);
  // `-p,--parallel #0`
  return options.flatMap(({ definition }) => definition.match(/--[\w-]+/g) ?? []);
}

/** `run review.yaml --help` asks for help as `run --help` does. */
function helpFirst(args: readonly string[]): readonly string[] {
  const [command, ...others] = args;
  const asksForHelp = others.includes('--help') || others.includes('-h');
  return command !== undefined && asksForHelp ? [command, '--help'] : args;
}

/** `-p4` is `-p 4`, as in other programs; clipanion reads it as options `-p` and `-4`. */
function bindShort(args: readonly string[]): string[] {
  return args.map((arg) => arg.replace(/^-([pk])([^=].*)$/s, '-$1=$2'));
}

/** `--parallel -1` is a wrong number, not an unknown option named `-1`. */
function bindNegatives(args: readonly string[]): string[] {
  const bound: string[] = [];
  for (const arg of args) {
    const option = bound.at(-1);
    if (/^-\d/.test(arg) && option?.startsWith('-') && !option.includes('='))
      bound.push(`${bound.pop()}=${arg}`);
    else bound.push(arg);
  }
  return bound;
}
