import type { Output } from './screen.js';

/** Writes results with back-pressure: settles when the reader keeps up. */
export interface Writer {
  /** Rejects when stdout can't be written any more (`EPIPE`: its reader is gone). */
  write(text: string): Promise<void>;
  /** Settles when all that was written has left the process. */
  flush(): Promise<void>;
}

/** @param around runs each write; takes the live line away where both share a terminal */
export function createWriter(stdout: Output, around: (write: () => void) => void): Writer {
  let broken: Error | undefined;
  let giveUp: ((error: Error) => void) | undefined;
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  failed.catch(() => {}); // each write reports it; nobody need be writing when it happens
  stdout.on('error', (error) => {
    broken ??= error;
    giveUp?.(error);
  });

  const drained = () => new Promise<void>((resolve) => stdout.once('drain', resolve));
  return {
    async write(text) {
      if (broken) throw broken;
      let keepsUp = true;
      around(() => {
        keepsUp = stdout.write(text);
      });
      if (!keepsUp) await Promise.race([drained(), failed]);
    },
    flush: () => Promise.race([new Promise<void>((resolve) => stdout.write('', () => resolve())), failed]),
  };
}
