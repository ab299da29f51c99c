import process from 'node:process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { StepFailure } from './errors.js';
import { isFolder } from './programs.js';
import { isGroupOfZombies } from './zombies.js';

/** A program to run, in a process group of its own. */
export interface Command {
  /** The program, or with `shell` a whole line for the shell. */
  readonly file: string;
  readonly args: readonly string[];
  readonly shell?: boolean;
  readonly cwd: string;
  /** All of the child's environment: nothing is added to it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Written to the child's stdin, which is then closed. */
  readonly stdin: string | Uint8Array;
  /** Its abort ends the whole group. */
  readonly signal: AbortSignal;
  /** From TERM to KILL, milliseconds. Default: 5000. */
  readonly graceMs?: number;
}

/**
 * Consumes one of the child's output streams; called at once, and it has to attach itself in that call.
 * Where it rejects, the group is ended and the run rejects with its error.
 */
export type Reader<T> = (stream: Readable) => Promise<T>;

/** How a process ended. */
export interface Ended<Out> {
  readonly exitCode: number | null;
  /** The signal that killed it. */
  readonly signal: string | null;
  readonly stdout: Out;
  readonly stderr: string;
}

const GRACE_MS = 5000;
const DRAIN_MS = 200;
const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 160;
const PATIENCE_MS = 100;
const onWindows = process.platform === 'win32';
const groups = new Set<ProcessGroup>();
const runs = new Set<Promise<unknown>>();

/**
 * Runs a program to its end and the end of its output; whatever is left of its group is ended then.
 * On abort it rejects with the signal's reason, as soon as the group is gone or was KILLed.
 */
export function runProcess<Out>(
  command: Command,
  stdoutReader: Reader<Out>,
  stderrReader: Reader<string>,
): Promise<Ended<Out>> {
  const running = run(command, stdoutReader, stderrReader);
  const forget = () => runs.delete(running);
  runs.add(running);
  running.then(forget, forget);
  return running;
}

/** Settles when nothing is left of what `runProcess` runs, aborted or not. */
export async function allEnded(): Promise<void> {
  await Promise.allSettled(runs);
}

async function run<Out>(
  command: Command,
  stdoutReader: Reader<Out>,
  stderrReader: Reader<string>,
): Promise<Ended<Out>> {
  refuseNul(command);
  const { execa } = await import('execa');
  command.signal.throwIfAborted();
  const child = spawn(execa, command);
  const group = new ProcessGroup(child.pid);
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending ??= group.end(command.graceMs).then(async () => {
      // What was written is still read; but a process that left the group may hold the streams open for good.
      await Promise.race([Promise.allSettled(readers), delay(DRAIN_MS)]);
      child.stdout.destroy();
      child.stderr.destroy();
    });
  };
  const readers = [stdoutReader(child.stdout), stderrReader(child.stderr)] as const;
  command.signal.addEventListener('abort', stop, { once: true });
  for (const reader of readers) reader.catch(stop);
  const [result, stdout, stderr] = await Promise.allSettled([child, ...readers]);
  command.signal.removeEventListener('abort', stop);
  await (ending ?? group.release(command.graceMs));

  command.signal.throwIfAborted();
  if (result.status === 'rejected') throw result.reason;
  if (result.value.exitCode === undefined && result.value.signal === undefined) {
    throw await notStarted(command, result.value);
  }
  if (stdout.status === 'rejected') throw stdout.reason;
  if (stderr.status === 'rejected') throw stderr.reason;
  return {
    exitCode: result.value.exitCode ?? null,
    signal: result.value.signal ?? null,
    stdout: stdout.value,
    stderr: stderr.value,
  };
}

/** The folder and the environment of the process itself. */
export function surroundings(): { cwd: string; env: Readonly<Record<string, string | undefined>> } {
  return { cwd: process.cwd(), env: process.env };
}

/** Sends a signal to every group that is still alive; synchronous, so that it can be the last thing done. */
export function endAll(signal: NodeJS.Signals): void {
  for (const group of groups) group.kill(signal);
}

type Execa = typeof import('execa').execa;

let endsOnExit = false;

/** Not async: what it returns is a promise too, and awaiting it would be awaiting the process's end. */
function spawn(execa: Execa, { file, args, shell = false, cwd, env, stdin }: Command) {
  if (!endsOnExit) process.once('exit', () => endAll('SIGKILL'));
  endsOnExit = true;
  return execa(file, args, {
    shell,
    cwd,
    env,
    extendEnv: false,
    input: stdin,
    buffer: false,
    reject: false,
    cleanup: false,
    detached: !onWindows,
  });
}

/** The processes that descend from one leader and didn't leave its group. */
class ProcessGroup {
  readonly #leader: number | undefined;

  constructor(leader: number | undefined) {
    this.#leader = leader;
    if (leader !== undefined) groups.add(this);
  }

  kill(signal: NodeJS.Signals | 0): boolean {
    if (this.#leader === undefined) return false;
    try {
      return process.kill(onWindows ? this.#leader : -this.#leader, signal);
    } catch {
      return false;
    }
  }

  /** TERM, and KILL to what is still there after the grace. */
  async end(graceMs = GRACE_MS, options?: { ref: boolean }): Promise<void> {
    const began = performance.now();
    this.kill('SIGTERM');
    let pause = FIRST_POLL_MS;
    while (await this.#isAlive(performance.now() - began)) {
      if (performance.now() - began >= graceMs) {
        this.kill('SIGKILL');
        break;
      }
      await delay(pause, undefined, options);
      pause = Math.min(2 * pause, LAST_POLL_MS);
    }
    groups.delete(this);
  }

  /** Most groups are gone soon: only the others are worth a look at the system's processes. */
  async #isAlive(ms: number): Promise<boolean> {
    if (this.#leader === undefined || !this.kill(0)) return false;
    return ms < PATIENCE_MS || !(await isGroupOfZombies(this.#leader));
  }

  /** The leader has ended by itself: what it left behind is ended, but nobody has to wait for that. */
  release(graceMs?: number): void {
    // Without groups the leader's number may belong to another process by now.
    if (onWindows || !this.kill(0)) groups.delete(this);
    else void this.end(graceMs, { ref: false });
  }
}

function refuseNul({ file, args }: Command): void {
  const at = [file, ...args].findIndex((argument) => argument.includes('\0'));
  if (at < 0) return;
  const which = at === 0 ? 'the program' : `argument ${at}`;
  throw new StepFailure('input', `cannot start: ${which} contains a NUL character`, {
    hint: 'Pass such content through stdin or by its path ({{{name.path}}}).',
  });
}

async function notStarted({ file, cwd }: Command, failure: { code?: string | undefined; cause?: unknown }) {
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
