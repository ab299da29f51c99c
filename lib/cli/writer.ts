import type { Output } from './output.js';

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

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: WriteError) => void;
}

/** @param around runs each write; takes the live line away where both share a terminal */
export function createWriter(stdout: Output, around: (write: () => void) => void): Writer {
  let broken: WriteError | undefined;
  let waiting: Waiting[] = [];
  const release = (settle: (each: Waiting) => void) => {
    const released = waiting;
    waiting = [];
    released.forEach(settle);
  };
  // One listener for all that wait: there may be thousands, and Node warns from eleven on.
  stdout.on('drain', () => release(({ resolve }) => resolve()));
  stdout.on('error', (error) => {
    const reason = broken ?? new WriteError(error);
    broken = reason;
    release(({ reject }) => reject(reason));
  });

  return {
    async write(text) {
      if (broken) throw broken;
      let keepsUp = true;
      around(() => {
        keepsUp = stdout.write(text);
      });
      if (!keepsUp) await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async flush() {
      if (broken) throw broken;
      await new Promise<void>((resolve, reject) => {
        waiting.push({ resolve, reject });
        // An error comes by the event, too, and there it is the first one.
        stdout.write('', (error) => {
          if (!error) resolve();
        });
      });
    },
  };
}
