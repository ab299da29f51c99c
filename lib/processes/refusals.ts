import { StepFailure } from '../errors.js';
import { isFolder } from '../programs.js';

/** What was to be started. */
interface Start {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** No system takes a NUL in an argument. Throws an `input` failure that names the place. */
export function refuseNul({ file, args }: Start): void {
  const at = [file, ...args].findIndex((argument) => argument.includes('\0'));
  if (at < 0) return;
  const which = at === 0 ? 'the program' : `argument ${at}`;
  throw new StepFailure('input', `cannot start: ${which} contains a NUL character`, {
    hint: 'Pass such content through stdin or by its path ({{{name.path}}}).',
  });
}

/** Why the system didn't start it. */
export async function notStarted(
  { file, cwd }: Start,
  failure: { code?: string | undefined; cause?: unknown },
): Promise<StepFailure> {
  const { code = 'unknown error', cause } = failure;
  const fails = (why: string, hint: string) =>
    new StepFailure('exit', `cannot start ${JSON.stringify(file)}: ${why}`, {
      hint,
      cause,
      retryable: false,
    });
  if (!(await isFolder(cwd))) return fails(`the folder ${cwd} doesn't exist`, 'Correct the working folder.');
  switch (code) {
    case 'E2BIG':
      return new StepFailure('input', `cannot start ${JSON.stringify(file)}: an argument is too long`, {
        hint: 'Pass long content through stdin or by its path ({{{name.path}}}).',
        cause,
      });
    case 'ENOENT':
      return fails('no such program', 'Is it installed, and on PATH?');
    case 'EACCES':
      return fails('permission denied', 'Is it a program, with its executable bit set?');
    default:
      return fails(code, 'The system refused to start another process.');
  }
}
