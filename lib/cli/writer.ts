import type { Output } from './screen.js';

/** stdout can't be written any more. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
  readonly readerIsGone: boolean;

  constructor(cause: Error) {
    super(`cannot write the results: ${cause.message}`, { cause });
    this.readerIsGone = 'code' in cause && cause.code === 'EPIPE';
  }
}

/** Writes results with back-pressure: settles when the reader keeps up. */
export interface Writer {
  /** Rejects with a WriteError when stdout can't be written any more. */
  write(text: string): Promise<void>;
  /** Settles when all that was written has left the process. */
  flush(): Promise<void>;
}

/** @param around runs each write; takes the live line away where both share a terminal */
export function createWriter(stdout: Output, around: (write: () => void) => void): Writer {
  let broken: WriteError | undefined;
  let giveUp: ((error: WriteError) => void) | undefined;
  const failed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  failed.catch(() => {}); // each write reports it; nobody need be writing when it happens
  stdout.on('error', (error) => {
    broken ??= new WriteError(error);
    giveUp?.(broken);
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
