import { ConfigError } from '../errors.js';
import { harmless, oneLine } from '../one-line.js';
import { JournalError, WriteFailure } from '../store/errors.js';
import { LockError } from '../store/holder.js';
import { ExitCode } from './exit-codes.js';
import { coloursFor, type Output } from './output.js';
import { WriteError } from './writer.js';

/** Says on stderr what ended the command, and with which code it ends. A stack is shown for our own bugs only. */
export function explain(
  error: unknown,
  stderr: Output,
  env: Readonly<Record<string, string | undefined>>,
): ExitCode {
  const { red } = coloursFor(stderr, env);
  const say = (line: string) => stderr.write(`${red('error:')} ${line}\n`);
  if (error instanceof ConfigError) {
    for (const { where, message } of error.issues) say(oneLine(where ? `${where}: ${message}` : message));
    return ExitCode.misused;
  }
  if (error instanceof WriteError) {
    if (error.readerIsGone) return ExitCode.stdoutClosed;
    say(oneLine(error.message));
    return ExitCode.fault;
  }
  if (error instanceof LockError || error instanceof JournalError) {
    say(oneLine(`${error.message}. ${error.hint}`));
    return error instanceof LockError ? ExitCode.misused : ExitCode.fault;
  }
  if (error instanceof WriteFailure) {
    say(oneLine(error.message));
    return ExitCode.fault;
  }
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`internal fault, please report it: ${harmless(fault)}`);
  return ExitCode.fault;
}
