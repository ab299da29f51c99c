import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Writable } from 'node:stream';
import { Builtins, Cli } from 'clipanion';
import { BaseCommand } from './base-command.js';
import { ExitCode } from './exit-codes.js';
import { explain } from './explain.js';
import { RunCommand } from './run-command.js';

/**
 * The command line, from its arguments to the exit code. Help and version go to stdout, every error to stderr.
 *
 * @param args without `node` and the script
 */
export async function main(args: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  process.on('uncaughtException', (error) => process.exit(explain(error, stderr, env)));
  stderr.on('error', () => {}); // a terminal that is gone is no reason to lose results
  const cli = makeCli(stdout.isTTY === true && !env.NO_COLOR);
  if (args.length === 0) {
    stderr.write(readable(cli.usage(null)));
    return ExitCode.misused;
  }
  try {
    const command = cli.process(bindNegatives(args));
    const isOurs = command instanceof BaseCommand;
    return await cli.run(command, { stdin, stdout: isOurs ? stdout : readableInto(stdout), stderr, env });
  } catch (error) {
    return explain(error, stderr, env);
  }
}

function makeCli(enableColors: boolean): Cli {
  const cli = new Cli({
    binaryLabel: 'Orchestrator',
    binaryName: 'orchestrator',
    binaryVersion: version(),
    enableColors,
  });
  for (const command of [RunCommand, Builtins.HelpCommand, Builtins.VersionCommand]) cli.register(command);
  return cli;
}

/** clipanion's help calls every value of an option `#0`. */
function readable(help: string): string {
  return help.replaceAll(' #0', ' <value>');
}

function readableInto(stdout: Writable): Writable {
  return new Writable({
    decodeStrings: false,
    write: (text, _encoding, done) => {
      stdout.write(readable(String(text)), done);
    },
  });
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const manifest: { version: string } = JSON.parse(text);
  return manifest.version;
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
