import { ConfigError, type Issue, WriteFailure } from '../errors.js';
import { UnsafeFile } from '../files/private-files.js';
import { JournalError, UntrustedRun } from '../store/errors.js';
import { LockError } from '../store/lock.js';
import { harmless, oneLine } from '../util/text.js';
import { ExitCode } from './exit-codes.js';
import { coloursFor, type Output } from './output.js';
import { WriteError } from './writer.js';

/**
 * Prints the error that ended the command on stderr; returns the exit code. A stack is shown for internal faults only.
 */
export function printError(
  error: unknown,
  stderr: Output,
  env: Readonly<Record<string, string | undefined>>,
): ExitCode {
  const { red } = coloursFor(stderr, env);
  const say = (line: string) => stderr.write(`${red('error:')} ${line}\n`);
  const { code, lines } = endBy(error);
  for (const line of lines) say(line);
  return code;
}

/** The lines to print for an error, and the exit code of the process. */
export function endBy(error: unknown): { readonly code: ExitCode; readonly lines: readonly string[] } {
  if (error instanceof ConfigError) return { code: ExitCode.misused, lines: error.issues.map(issueLine) };
  if (error instanceof WriteError && error.readerIsGone) return { code: ExitCode.stdoutClosed, lines: [] };
  if (error instanceof WriteError || error instanceof WriteFailure)
    return { code: ExitCode.fault, lines: [oneLine(error.message)] };
  if (error instanceof UnsafeFile || error instanceof UntrustedRun)
    return { code: ExitCode.misused, lines: [oneLine(error.message)] };
  if (error instanceof LockError || error instanceof JournalError) {
    const code = error instanceof LockError ? ExitCode.misused : ExitCode.fault;
    return { code, lines: [oneLine(`${error.message}. ${error.hint}`)] };
  }
  const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: ExitCode.fault, lines: [`internal fault, please report it: ${harmless(fault)}`] };
}

function issueLine({ where, message }: Issue): string {
  return oneLine(where ? `${where}: ${message}` : message);
}
