import type { FileHandle } from 'node:fs/promises';
import { type Deferred, deferred } from './deferred.js';
import { WriteFailure } from './errors.js';
import { LineBuffer } from './line-buffer.js';
import type { Outputs } from './outputs.js';

export interface AppenderOptions {
  readonly handle: FileHandle;
  /** Its path, for messages. */
  readonly file: string;
  /** Where the first line goes. */
  readonly end: number;
  /** What waits there is written before the lines that refer to it. */
  readonly outputs: Outputs;
}

/** Bytes; a disk that doesn't keep up lets more wait. */
const MOST_WAITING = 2 ** 23;
/** A write takes some 50 µs of the processor's time; thousands a second would be felt. */
const WRITE_EVERY_MS = 2;
/** The rest of the 50 ms that are promised is for the sync itself. */
const SYNC_AFTER_MS = 30;

/**
 * Appends lines to a file in groups. They are written within milliseconds, so that they outlive the process, and synced
 * together a moment later, so that they outlive the machine: synced one by one it would be a thousandth as many. One
 * write or sync is under way at a time; further lines collect meanwhile.
 */
export class Appender {
  readonly #options: AppenderOptions;
  readonly #lines: LineBuffer;
  readonly #failed = deferred<never>();
  #failure: WriteFailure | undefined;
  #written: number;
  #synced: number;
  /** When lines may be written again. */
  #writeAt = 0;
  /** When the oldest line that isn't synced has to be. */
  #syncAt = Number.POSITIVE_INFINITY;
  #working = false;
  #wake = () => {};
  /** Those who wait for the next commit to be synced. */
  #asked: Deferred<void> | undefined;
  #keepingUp: Deferred<void> | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#lines = new LineBuffer(options.end);
    this.#written = options.end;
    this.#synced = options.end;
  }

  /** Rejects with a WriteFailure when nothing can be written any more. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Returns where in the file the line is going to stand; 0 when nothing is taken any more. */
  add(line: string): number {
    if (this.#failure) return 0;
    if (this.#lines.isEmpty) this.#wake();
    const offset = this.#lines.add(line);
    if (!this.#working) void this.#work();
    return offset;
  }

  /** A line that isn't written yet, without its newline. */
  lineAt(offset: number): Buffer | undefined {
    return this.#lines.lineAt(offset);
  }

  /** Null while the disk keeps up. */
  ready(): Promise<void> | null {
    if (this.#failure || this.#keepsUp()) return null;
    this.#keepingUp ??= deferred();
    return this.#keepingUp.promise;
  }

  /** Resolves when all that was added until now is on the disk; rejects with a WriteFailure when it can't be. */
  flushed(): Promise<void> {
    if (this.#failure) return this.failed;
    if (this.#synced === this.#lines.end) return Promise.resolve();
    this.#asked ??= deferred();
    this.#wake();
    return this.#asked.promise;
  }

  #keepsUp(): boolean {
    return this.#lines.end - this.#written + this.#options.outputs.waitingLength < MOST_WAITING;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (!this.#failure && (this.#asked || this.#synced < this.#lines.end)) {
      await this.#rest();
      await this.#commit();
    }
    this.#working = false;
  }

  /** Until it is time to write or to sync, or somebody asks; and until all lines of that turn are there. */
  async #rest(): Promise<void> {
    for (let ms = this.#restMs(); ms > 0; ms = this.#restMs()) await this.#sleep(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }

  #restMs(): number {
    if (this.#asked) return 0;
    return (this.#lines.isEmpty ? this.#syncAt : this.#writeAt) - performance.now();
  }

  /** Ends early when there is something new. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #commit(): Promise<void> {
    const asked = this.#asked;
    this.#asked = undefined;
    const end = this.#lines.take();
    this.#writeAt = performance.now() + WRITE_EVERY_MS;
    if (this.#written < end) this.#syncAt = Math.min(this.#syncAt, performance.now() + SYNC_AFTER_MS);
    try {
      await this.#options.outputs.write();
      await this.#write(end);
      if (asked || performance.now() >= this.#syncAt) await this.#sync();
      asked?.resolve();
    } catch (error) {
      const failure = await this.#fail(error);
      asked?.reject(failure);
    }
  }

  async #write(end: number): Promise<void> {
    while (this.#written < end) {
      const bytes = this.#lines.takenFrom(this.#written);
      const { bytesWritten } = await this.#options.handle.writev(bytes, this.#written);
      this.#written += bytesWritten;
    }
    this.#lines.written();
    if (this.#keepsUp()) this.#catchUp();
  }

  async #sync(): Promise<void> {
    await this.#options.handle.datasync();
    this.#synced = this.#written;
    this.#syncAt = Number.POSITIVE_INFINITY;
  }

  #catchUp(): void {
    this.#keepingUp?.resolve();
    this.#keepingUp = undefined;
  }

  /** From now on nothing is taken. What was written stays, but for a line that isn't whole. */
  async #fail(cause: unknown): Promise<WriteFailure> {
    const failure = new WriteFailure(this.#options.file, cause);
    this.#failure = failure;
    await this.#cutBack().catch(() => {}); // then the next opening does it
    this.#asked?.reject(failure);
    this.#failed.reject(failure);
    this.#catchUp();
    return failure;
  }

  async #cutBack(): Promise<void> {
    const { handle } = this.#options;
    await handle.truncate(this.#lines.wholeUntil(this.#written));
    await handle.datasync();
  }
}
