import type { Readable } from 'node:stream';
import { MOST_PAUSES } from '../files/open-files.js';
import { Child, type Command } from './child.js';
import { untilEnded } from './in-flight.js';
import { isOutOfRoom, notStarted } from './refusals.js';
import { room } from './room.js';

export { endAll } from './at-exit.js';
export type { Command } from './child.js';
export { currentProcess, isStandardOutput } from './surroundings.js';

/**
 * Consumes one of the child's output streams; called at once, and it has to attach itself in that call. Called again with
 * another stream where a signal killed the child before its program began, or the system had no room for it: the first one
 * brought nothing.
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

/**
 * Runs a program to its end and the end of its output; then ends the rest of its group. On abort it rejects with the
 * signal's reason, as soon as the group has ended or was KILLed.
 */
export function runProcess<Out>(
  command: Command,
  stdoutReader: Reader<Out>,
  stderrReader: Reader<string>,
): Promise<Ended<Out>> {
  return untilEnded(run(command, stdoutReader, stderrReader));
}

async function run<Out>(
  command: Command,
  stdoutReader: Reader<Out>,
  stderrReader: Reader<string>,
  pauses = 0,
): Promise<Ended<Out>> {
  const { signal, wait = (something) => something } = command;
  const child = await Child.start(command);
  const readers = [stdoutReader(child.stdout.readable), stderrReader(child.stderr.readable)] as const;
  const stop = () => void child.end();
  for (const reader of readers) reader.catch(stop);
  signal.addEventListener('abort', stop, { once: true });
  const read = Promise.allSettled(readers);
  await child.outlive(read);
  const [result, [stdout, stderr]] = await Promise.all([child.result, read]);
  signal.removeEventListener('abort', stop);
  await child.release();

  signal.throwIfAborted();
  const { exitCode = null, signal: killedBy = null } = result;
  if (exitCode === null && killedBy === null) {
    if (!isOutOfRoom(result.code) || pauses === MOST_PAUSES) throw await notStarted(command, result);
    const isBetter = await wait(room.change(signal));
    return run(command, stdoutReader, stderrReader, isBetter ? 0 : pauses + 1);
  }
  if (stdout.status === 'rejected') throw stdout.reason;
  if (stderr.status === 'rejected') throw stderr.reason;
  if (await child.diedAtStart()) return run(command, stdoutReader, stderrReader);
  return { exitCode, signal: killedBy, stdout: stdout.value, stderr: stderr.value };
}
