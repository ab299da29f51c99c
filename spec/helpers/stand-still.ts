import { existsSync } from 'node:fs';

/** Longer than anything that a busy machine does between two turns of the event loop is taken for, milliseconds. */
const STOPPED_MS = 1000;

/** Has this process do nothing at all, as Ctrl-Z does, for a second at least and until a file is there. */
export function standStillUntil(file: string): void {
  const began = performance.now();
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() - began < STOPPED_MS || !existsSync(file)) Atomics.wait(never, 0, 0, 50);
}
