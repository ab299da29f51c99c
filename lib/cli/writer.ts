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

/** Writes results with back-pressure, those of one turn of the event loop at once: settles when the reader keeps up. */
export interface Writer {
  /** Rejects with a WriteError when stdout can't be written any more. */
  write(text: string): Promise<void>;
  /** Settles when all that was written has left the process. */
  flush(): Promise<void>;
}

/** Characters; more of them don't wait for the end of the turn. */
const MOST_GATHERED = 2 ** 16;

/** What is written at once: a system call a record would be half of a run that does nothing else. */
class Batch {
  readonly texts: string[] = [];
  length = 0;
  readonly settled: Promise<void>;
  resolve: () => void = () => {};
  reject: (error: WriteError) => void = () => {};

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever wrote listens; a flush alone may not.
    this.settled.catch(() => {});
  }

  add(text: string): void {
    this.texts.push(text);
    this.length += text.length;
  }
}

/** @param around runs each write; takes the live line away where both share a terminal */
export function createWriter(stdout: Output, around: (write: () => void) => void): Writer {
  let broken: WriteError | undefined;
  let gathering: Batch | undefined;
  let waiting: Batch[] = [];
  const release = (settle: (each: Batch) => void) => {
    const released = waiting;
    waiting = [];
    released.forEach(settle);
  };
  // One listener for all that wait: there may be thousands, and Node warns from eleven on.
  stdout.on('drain', () => release((batch) => batch.resolve()));
  stdout.on('error', (error) => {
    const reason = broken ?? new WriteError(error);
    broken = reason;
    release((batch) => batch.reject(reason));
  });

  const gather = () => {
    gathering = new Batch();
    setImmediate(send);
    return gathering;
  };
  const send = () => {
    const batch = gathering;
    if (!batch) return;
    gathering = undefined;
    if (broken) return batch.reject(broken);
    let keepsUp = true;
    around(() => {
      keepsUp = stdout.write(batch.texts.join(''));
    });
    if (keepsUp) batch.resolve();
    else waiting.push(batch);
  };

  return {
    async write(text) {
      if (broken) throw broken;
      const batch = gathering ?? gather();
      batch.add(text);
      if (batch.length >= MOST_GATHERED) send();
      return batch.settled;
    },
    async flush() {
      send();
      if (broken) throw broken;
      const last = new Batch();
      waiting.push(last);
      // An error comes by the event, too, and there it is the first one.
      stdout.write('', (error) => {
        if (!error) last.resolve();
      });
      return last.settled;
    },
  };
}
