import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Builtins, Cli } from 'clipanion';
import { explain } from './explain.js';
import { RunCommand } from './run-command.js';

/**
 * The command line, from its arguments to the exit code. Help and version go to stdout, every error to stderr.
 *
 * @param args without `node` and the script
 */
export async function main(args: readonly string[]): Promise<number> {
  const cli = new Cli({ binaryLabel: 'Orchestrator', binaryName: 'orchestrator', binaryVersion: version() });
  for (const command of [RunCommand, Builtins.HelpCommand, Builtins.VersionCommand]) cli.register(command);
  try {
    // Not cli.run(): that prints errors to stdout.
    const command = cli.process(bindNegatives(args), context());
    return (await command.execute()) ?? 0;
  } catch (error) {
    return explain(error, process.stderr, process.env);
  }
}

function context() {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, colorDepth: stdout.isTTY && !env.NO_COLOR ? 8 : 1 };
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
