import type { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { StepFailure } from '../errors.js';
import { type Reader, runProcess } from '../processes/run-process.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where git runs, and how. */
export interface GitPlace {
  readonly cwd: string;
  /** As `gitEnvironment` makes it, maybe with more. */
  readonly env: Environment;
  /** Settings beside the user's, and before them: `name=value`. */
  readonly settings?: readonly string[];
  /** Its abort ends git. Default: never. */
  readonly signal?: AbortSignal;
}

/** The user's settings hold (filters, safe folders), but no hook of theirs is run, and nothing on submodules. */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'submodule.recurse=false',
  'checkout.workers=0', // as many as there are cores
];

const NEVER = new AbortController().signal;

/**
 * The environment without variables that lead git to another repository or index, with messages in English, and closed
 * to the network: missing objects aren't fetched by the program that a remote's settings name. (GIT_NO_LAZY_FETCH is of
 * git 2.45.)
 */
export function gitEnvironment(env: Environment): Environment {
  const entries = Object.entries(env);
  const kept = entries.filter(([name]) => !name.startsWith('GIT_') || name.startsWith('GIT_CONFIG_'));
  const closed = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' };
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', ...closed };
}

/** Runs git and returns its stdout: names of files needn't be UTF-8. Rejects with a StepFailure that says why. */
export function git(args: readonly string[], place: GitPlace, stdin?: Uint8Array): Promise<Buffer> {
  return gitInto(buffer, args, place, stdin);
}

/** The same for an output of one line. */
export async function gitLine(args: readonly string[], place: GitPlace): Promise<string> {
  return (await git(args, place)).toString().replace(/\n$/, '');
}

/** The same, with stdout consumed as it comes. */
export async function gitInto<T>(
  reader: Reader<T>,
  args: readonly string[],
  { cwd, env, settings: further = [], signal = NEVER }: GitPlace,
  stdin: Uint8Array | '' = '',
): Promise<T> {
  const settings = [...SETTINGS, ...further].flatMap((setting) => ['-c', setting]);
  const command = { file: 'git', args: [...settings, ...args], cwd, env, stdin, signal };
  const ended = await runProcess(command, reader, (stderr: Readable) => text(stderr));
  if (ended.exitCode === 0) return ended.stdout;
  throw new StepFailure('exit', `git ${args[0]} failed: ${reasonIn(ended.stderr)}`, {
    ...(ended.exitCode !== null && { exitCode: ended.exitCode }),
  });
}

/** Warnings and advice stand around it, causes before it. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const starting = (word: string) => lines.find((line) => line.startsWith(word))?.slice(word.length);
  return starting('fatal: ') ?? starting('error: ') ?? lines.at(-1) ?? 'it says nothing';
}
