import { ConfigError, messageOf } from '../errors.js';
import { ExitCode } from './exit-codes.js';
import { coloursFor, type Output } from './screen.js';

/** Says on stderr what ended the command, and with which code it ends. A stack is shown for our own bugs only. */
export function explain(
  error: unknown,
  stderr: Output,
  env: Readonly<Record<string, string | undefined>>,
): ExitCode {
  const { red } = coloursFor(stderr, env);
  const say = (line: string) => stderr.write(`${red('error:')} ${line}\n`);
  if (error instanceof ConfigError) {
    for (const { where, message } of error.issues) say(where ? `${where}: ${message}` : message);
    return ExitCode.misused;
  }
  if (isSyntaxError(error)) {
    say(`${syntaxMessage(messageOf(error))}; see orchestrator run --help`);
    return ExitCode.misused;
  }
  say(`internal fault, please report it: ${error instanceof Error ? error.stack : String(error)}`);
  return ExitCode.fault;
}

/** What clipanion throws for a command line that it can't parse. */
function isSyntaxError(error: unknown): boolean {
  return error instanceof Error && 'clipanion' in error;
}

/** clipanion's first line, where it says enough. */
function syntaxMessage(message: string): string {
  if (message.startsWith('Command not found')) return 'no such command; there is: orchestrator run <config>';
  if (message.startsWith('Not enough positional')) return 'the config is missing: orchestrator run <config>';
  return message.replace(/\.?\n.*|\.$/s, '');
}
