import process from 'node:process';
import { Writable } from 'node:stream';
import { Builtins, Cli, type Command, type CommandClass } from 'clipanion';
import { ConfigError } from '../errors.js';
import { allEnded } from '../processes/in-flight.js';
import { BaseCommand } from './base-command.js';
import { COMMANDS } from './commands.js';
import { ExitCode } from './exit-codes.js';
import { explain } from './explain.js';
import { writeTexts } from './lines.js';
import { OverviewCommand, overview } from './overview.js';
import { syntaxMistake } from './syntax.js';
import { version } from './version.js';

/**
 * The command line, from its arguments to the exit code. Help and version go to stdout, every error to stderr.
 * When it settles all is written, and every child has ended: the process may exit.
 *
 * @param args without `node` and the script
 */
export async function main(args: readonly string[]): Promise<number> {
  const code = await perform(args);
  await allEnded();
  await new Promise((resolve) => process.stderr.write('', resolve));
  return code;
}

async function perform(args: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  process.on('uncaughtException', (error) => process.exit(explain(error, stderr, env)));
  stderr.on('error', () => {}); // a terminal that is gone is no reason to lose results
  const cli = makeCli(commandsFor(args), stdout.isTTY === true && !env.NO_COLOR);
  if (args.length === 0) {
    stderr.write(`${overview(cli)}\n`);
    return ExitCode.misused;
  }
  try {
    const command = parse(cli, args);
    const isOurs = command instanceof BaseCommand;
    if (isOurs) return await cli.run(command, { stdin, stdout, stderr, env });
    const help = new Collected();
    const code = await cli.run(command, { stdin, stdout: help, stderr, env });
    await writeTexts(stdout, [readable(help.text)]);
    return code;
  } catch (error) {
    return explain(error, stderr, env);
  }
}

/** The one that is named, else all: each costs a part of the time that a small run has to start. */
function commandsFor([name]: readonly string[]): readonly CommandClass[] {
  const known = [...COMMANDS, OverviewCommand, Builtins.VersionCommand];
  const named = known.find(({ paths = [] }) => paths.some(([first]) => first === name));
  return named ? [named] : known;
}

function makeCli(commands: readonly CommandClass[], enableColors: boolean): Cli {
  const cli = new Cli({
    binaryName: 'orchestrator',
    binaryVersion: version(),
    enableColors,
  });
  for (const command of commands) cli.register(command);
  return cli;
}

/** Throws a ConfigError for a command line that doesn't parse. */
function parse(cli: Cli, args: readonly string[]): Command {
  try {
    return processed(cli, bindNegatives(bindShort(helpFirst(args))));
  } catch (error) {
    const mistake = syntaxMistake(error, optionNames(cli));
    throw mistake === null ? error : new ConfigError([{ where: '', message: mistake }]);
  }
}

/** A resume may leave its config out. (To commands whose arguments may be missing clipanion doesn't explain mistakes.) */
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

/** clipanion's help calls every value of an option `#0`; options without one stay in line with the others. */
function readable(help: string): string {
  return help.replace(/^ {2}-\S+(?= {2})/gm, '$&     ').replaceAll(' #0', ' <value>');
}

class Collected extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
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
