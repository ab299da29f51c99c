import { Console } from 'node:console';
import process from 'node:process';
import { allEnded } from '../processes/in-flight.js';
import { oneLine } from '../util/text.js';
import { currentCode } from '../util/user-code.js';
import { cliFor, commandIn, withoutAliases } from './command-line.js';
import { BaseCommand } from './commands/base-command.js';
import { ExitCode } from './exit-codes.js';
import { isHangupIgnored } from './ignored-hangup.js';
import { overview, tell } from './overview.js';
import { printError } from './print-error.js';

/**
 * The command line, from its arguments to the exit code. Help and version go to stdout, every error to stderr.
 * When it settles all is written, and every child has ended: the process may exit.
 *
 * @param args without `node` and the script
 */
export async function main(args: readonly string[]): Promise<number> {
  const code = await perform(withoutAliases(args));
  await allEnded();
  await new Promise((resolve) => process.stderr.write('', resolve));
  return code;
}

async function perform(args: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process;
  if (isHangupIgnored()) process.on('SIGHUP', () => {});
  // An 'unhandledRejection' that has no listener comes here, too.
  process.on('uncaughtException', (error) => {
    const code = currentCode();
    if (code) code.fail(error);
    else process.exit(printError(error, stderr, env));
  });
  process.on('exit', () => {
    const code = currentCode();
    if (!code) return;
    const next = 'see where the run got to with: orchestrator runs';
    stderr.write(`${oneLine(`error: ${code.name} ended the process (process.exit); ${next}`)}\n`);
    process.exitCode = ExitCode.fault;
  });
  // Logs of a user's module are no results.
  globalThis.console = new Console(stderr);
  stderr.on('error', () => {}); // a closed terminal must not lose results
  const cli = cliFor(args, stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
  if (args.length === 0) {
    stderr.write(`${overview(cli)}\n`);
    return ExitCode.misused;
  }
  try {
    const command = commandIn(cli, args);
    const context = { stdin, stdout, stderr, env };
    return await (command instanceof BaseCommand ? cli.run(command, context) : tell(cli, command, context));
  } catch (error) {
    return printError(error, stderr, env);
  }
}
