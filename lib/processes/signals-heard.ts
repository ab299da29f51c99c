import { setImmediate } from 'node:timers/promises';

const listening = new Set<Set<NodeJS.Signals>>();

/** Takes note of a signal that this process was sent. */
export function hear(signal: NodeJS.Signals): void {
  for (const heard of listening) heard.add(signal);
}

/**
 * The signals that reached this process while it started a child. Called in the turn of the event loop that started it:
 * starting blocks until the program begins, so node tells of such a signal in the next poll, which the second of two
 * immediates always comes after.
 */
export async function heardWhileStarting(): Promise<ReadonlySet<string>> {
  const heard = new Set<NodeJS.Signals>();
  listening.add(heard);
  await setImmediate();
  await setImmediate();
  listening.delete(heard);
  return heard;
}
