import { writevSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Deferred, deferred } from '../deferred.js';
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
/** A write takes some 10 µs of the processor's time; tens of thousands a second would be felt. */
const WRITE_EVERY_MS = 2;
/** Bytes; more is left to another thread. */
const MOST_AT_ONCE = 2 ** 18;
/** The rest of the 50 ms that are promised is for the sync itself. */
const SYNC_AFTER_MS = 40;

/**
 * Appends lines to a file in groups. They are written at once, or together with those of the next two milliseconds, so
 * that they outlive the process, however busy it is; and synced together a moment later, so that they outlive the
 * machine: synced one by one it would be a thousandth as many. One sync is under way at a time, and writes go on meanwhile.
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
  /** The loop has taken lines that aren't written yet. */
  #writing = false;
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
    this.#start();
    return offset;
  }

  /**
   * Adds a line whose place nobody asks for. Its text is made together with those of the other lines that are written
   * with it: one by one, between calls, that takes longer.
   */
  addUnmade(line: () => string): void {
    if (this.#failure) return;
    if (this.#lines.isEmpty) this.#wake();
    this.#lines.addUnmade(line);
    this.#start();
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
    if (this.#lines.isEmpty && this.#synced === this.#lines.end) return Promise.resolve();
    this.#asked ??= deferred();
    this.#wake();
    return this.#asked.promise;
  }

  #keepsUp(): boolean {
    return this.#lines.end - this.#written + this.#options.outputs.waitingLength < MOST_WAITING;
  }

  #start(): void {
    // Whoever leaves it to the next turn of the event loop may have done a lot by then.
    if (performance.now() >= this.#writeAt) this.#writeIfLittle();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (!this.#failure && (this.#asked || !this.#lines.isEmpty || this.#synced < this.#lines.end)) {
      await this.#rest();
      if (!this.#failure) await this.#commit();
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

  /** Whether this thread can write what there is, in no time. */
  #isLittle(): boolean {
    const length = this.#lines.end - this.#written;
    return !this.#writing && length <= MOST_AT_ONCE && this.#options.outputs.waitingLength === 0;
  }

  #writeIfLittle(): void {
    try {
      this.#lines.make();
      if (this.#lines.isEmpty || !this.#isLittle()) return;
      this.#writeSync(this.#take());
      this.#wrote();
    } catch (error) {
      void this.#fail(error);
    }
  }

  async #commit(): Promise<void> {
    const asked = this.#asked;
    this.#asked = undefined;
    try {
      await this.#write();
      if (asked || performance.now() >= this.#syncAt) await this.#sync();
      asked?.resolve();
    } catch (error) {
      const failure = await this.#fail(error);
      asked?.reject(failure);
    }
  }

  async #write(): Promise<void> {
    this.#lines.make();
    const isLittle = this.#isLittle();
    this.#writing = true;
    const end = this.#take();
    await this.#options.outputs.write();
    if (isLittle) this.#writeSync(end);
    else await this.#writeAside(end);
    this.#writing = false;
    this.#wrote();
  }

  /** Returns where it ends. */
  #take(): number {
    const now = performance.now();
    const end = this.#lines.take();
    this.#writeAt = now + WRITE_EVERY_MS;
    if (this.#written < end) this.#syncAt = Math.min(this.#syncAt, now + SYNC_AFTER_MS);
    return end;
  }

  #writeSync(end: number): void {
    const { handle } = this.#options;
    while (this.#written < end) {
      this.#written += writevSync(handle.fd, this.#lines.takenFrom(this.#written), this.#written);
    }
  }

  async #writeAside(end: number): Promise<void> {
    const { handle } = this.#options;
    while (this.#written < end) {
      const { bytesWritten } = await handle.writev(this.#lines.takenFrom(this.#written), this.#written);
      this.#written += bytesWritten;
    }
  }

  #wrote(): void {
    this.#lines.written();
    if (this.#keepsUp()) this.#catchUp();
  }

  /** Of what is written meanwhile nothing is known: that has its own time. */
  async #sync(): Promise<void> {
    const written = this.#written;
    this.#syncAt = Number.POSITIVE_INFINITY;
    const meanwhile = setInterval(() => this.#writeIfLittle(), WRITE_EVERY_MS);
    await this.#options.handle.datasync().finally(() => clearInterval(meanwhile));
    this.#synced = written;
  }

  #catchUp(): void {
    this.#keepingUp?.resolve();
    this.#keepingUp = undefined;
  }

  /** From now on nothing is taken. What was written stays, but for a line that isn't whole. */
  async #fail(cause: unknown): Promise<WriteFailure> {
    const failure = new WriteFailure(this.#options.file, cause);
    this.#failure = failure;
    const cutBack = this.#cutBack().catch(() => {}); // then the next opening does it
    this.#failed.reject(failure);
    await cutBack;
    this.#asked?.reject(failure);
    this.#catchUp();
    return failure;
  }

  async #cutBack(): Promise<void> {
    const { handle } = this.#options;
    await handle.truncate(this.#lines.wholeUntil(this.#written));
    await handle.datasync();
  }
}
