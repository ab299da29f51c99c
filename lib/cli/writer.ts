import { fstatSync, readSync, statSync } from 'node:fs';
import { devNull } from 'node:os';
import { ConfigError } from '../errors.js';
import { deferred } from '../util/deferred.js';
import type { Output } from './output.js';

/** Writing to stdout failed. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
  readonly readerIsGone: boolean;

  constructor(cause: Error) {
    super(`cannot write the results: ${cause.message}`, { cause });
    this.readerIsGone = 'code' in cause && cause.code === 'EPIPE';
  }
}

/** Characters; more of them don't wait for the end of the turn. */
const MOST_GATHERED = 2 ** 16;

/** Lines written at once: a system call a record would be half of a run that does nothing else. */
class Batch {
  readonly texts: string[] = [];
  readonly settled = deferred<void>();
  length = 0;

  add(text: string): void {
    this.texts.push(text);
    this.length += text.length;
  }
}

/** Writes results with back-pressure, those of one turn of the event loop at once. */
export class Writer {
  readonly #stdout: Output;
  readonly #around: (write: () => void) => void;
  #broken: WriteError | undefined;
  #gathering: Batch | undefined;
  /** Written, and the reader has still to take it. */
  #waiting: Batch[] = [];

  /**
   * @param around runs each write: takes the live line away where both share a terminal. Where it throws before it has
   * run the write, nothing is written, and those who wait for it get the error
   */
  constructor(stdout: Output, around: (write: () => void) => void = (write) => write()) {
    this.#stdout = stdout;
    this.#around = around;
    // One listener for all that wait: there may be thousands, and Node warns from eleven on.
    stdout.on('drain', () => this.#release(({ settled }) => settled.resolve()));
    stdout.on('error', (error) => {
      const broken = this.#broken ?? new WriteError(error);
      this.#broken = broken;
      this.#release(({ settled }) => settled.reject(broken));
    });
  }

  /** Settles when the reader keeps up. Rejects with a WriteError when stdout can't be written any more, or as `around` throws. */
  async write(text: string): Promise<void> {
    if (this.#broken) throw this.#broken;
    const batch = this.#gathering ?? this.#gather();
    batch.add(text);
    if (batch.length >= MOST_GATHERED) this.#send();
    return batch.settled.promise;
  }

  /** Settles when all that was written has left the process. Rejects as `write` does. */
  async flush(): Promise<void> {
    this.#send();
    if (this.#broken) throw this.#broken;
    const last = new Batch();
    this.#waiting.push(last);
    // An error comes by the event, too, and there it is the first one.
    this.#stdout.write('', (error) => {
      if (!error) last.settled.resolve();
    });
    return last.settled.promise;
  }

  #gather(): Batch {
    const batch = new Batch();
    this.#gathering = batch;
    setImmediate(() => this.#send());
    return batch;
  }

  #send(): void {
    const batch = this.#gathering;
    if (!batch) return;
    this.#gathering = undefined;
    try {
      if (this.#broken) throw this.#broken;
      if (this.#put(batch)) batch.settled.resolve();
      else this.#waiting.push(batch);
    } catch (error) {
      batch.settled.reject(error);
    }
  }

  /** False where the reader has to catch up. */
  #put({ texts }: Batch): boolean {
    let keepsUp = true;
    this.#around(() => {
      keepsUp = this.#stdout.write(texts.join(''));
    });
    return keepsUp;
  }

  #release(settle: (batch: Batch) => void): void {
    const released = this.#waiting;
    this.#waiting = [];
    released.forEach(settle);
  }
}

type Texts = Iterable<string> | AsyncIterable<string>;

/** Writes a command's results, one a line. Rejects with a WriteError when stdout can't be written any more. */
export async function writeLines(stdout: Output, lines: Texts): Promise<void> {
  await writeTexts(stdout, terminated(lines));
}

/** The same for texts that end their lines themselves. */
export async function writeTexts(stdout: Output, texts: Texts): Promise<void> {
  assertOpen(stdout);
  const writer = new Writer(stdout);
  for await (const text of texts) await writer.write(text);
  await writer.flush();
}

async function* terminated(lines: Texts): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

const [STDIN, STDOUT, STDERR] = [0, 1, 2];

/**
 * Throws a ConfigError where stdout was closed before the program started (`>&-`). Node opens the null device then, for
 * reading and writing: all results would be lost without an error. (`> /dev/null` opens it for writing only. A parent
 * that gives the null device to all three, as daemons are started, wants no output.)
 */
export function assertOpen({ fd }: Output): void {
  if (fd !== STDOUT || !isStandIn(STDOUT) || (isStandIn(STDIN) && isStandIn(STDERR))) return;
  const message =
    'it is closed, so the results would be lost; redirect it (> out.ndjson, or > /dev/null where it is not wanted)';
  throw new ConfigError([{ where: 'stdout', message }]);
}

/** True if it is the null device, open for reading. */
function isStandIn(fd: number): boolean {
  return isNull(fd) && isReadable(fd);
}

function isNull(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isCharacterDevice() && stats.rdev === statSync(devNull).rdev;
  } catch {
    return false;
  }
}

/** There is nothing to read in the null device: nothing is taken from anybody. */
function isReadable(fd: number): boolean {
  try {
    readSync(fd, Buffer.alloc(1));
    return true;
  } catch {
    return false;
  }
}
