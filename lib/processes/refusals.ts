import { StepFailure } from '../errors.js';
import { type Environment, isFolder, programMistake } from './programs.js';

/** The program to start. */
interface Start {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** The file is a line for the shell. */
  readonly shell?: boolean;
  /** How the contents in its arguments are named by their paths instead. */
  readonly byPath?: () => string;
}

/** No system takes a NUL in an argument. Throws an `input` failure that names the place. */
export function refuseNul({ file, args, byPath }: Pick<Start, 'file' | 'args' | 'byPath'>): void {
  const at = [file, ...args].findIndex((argument) => argument.includes('\0'));
  if (at < 0) return;
  const which = at === 0 ? 'the program' : `argument ${at}`;
  throw new StepFailure('input', `cannot start: ${which} contains a NUL character`, {
    hint: otherWays(byPath),
  });
}

/** An argument that the system doesn't take can go another way. */
function otherWays(byPath: Start['byPath']): string {
  const path = byPath?.() ?? '';
  return path === ''
    ? 'Pass such content through stdin.'
    : `Pass such content through stdin, or by its path: ${path}.`;
}

/** True if the system may start it later: it has too many processes (EAGAIN), or too little memory. */
export function isOutOfRoom(code: string | undefined): boolean {
  return code === 'EAGAIN' || code === 'ENOMEM';
}

/** Why the system didn't start it. */
export async function notStarted(
  { file, cwd, env, shell = false, byPath }: Start,
  failure: { code?: string | undefined; cause?: unknown },
): Promise<StepFailure> {
  const { code = 'unknown error', cause } = failure;
  const what = shell ? 'the shell /bin/sh' : JSON.stringify(file);
  const fails = (why: string, hint: string) =>
    new StepFailure('exit', `cannot start ${what}: ${why}`, { hint, cause, retryable: false });
  if (!(await isFolder(cwd))) return fails(`the folder ${cwd} doesn't exist`, 'Correct the working folder.');
  switch (code) {
    case 'E2BIG':
      return new StepFailure('input', `cannot start ${what}: an argument is too long`, {
        hint: otherWays(byPath),
        cause,
      });
    case 'ENOENT':
    case 'EACCES': {
      const mistake = await programMistake(shell ? '/bin/sh' : file, cwd, env);
      if (mistake) return fails(mistake.why, `${mistake.remedy}.`);
      return code === 'EACCES'
        ? fails('permission denied', 'May this user run it, and its interpreter?')
        : fails("its interpreter or loader isn't there", 'Is it made for this system?');
    }
    default:
      return fails(code, 'The system refused to start another process.');
  }
}
