import { writevSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { WriteFailure } from '../errors.js';
import { type Deferred, deferred } from '../util/deferred.js';
import type { JournalMac } from './journal-mac.js';
import { LineBuffer } from './line-buffer.js';
import type { Outputs } from './outputs.js';

export interface AppenderOptions {
  readonly handle: FileHandle;
  /** Its path, for messages. */
  readonly file: string;
  /** Where the first line goes. */
  readonly end: number;
  /** Outputs written by now are synced before the lines that refer to them. */
  readonly outputs: Outputs;
  /** Of the lines before `end`. Default: nothing is signed. */
  readonly mac?: JournalMac | null;
}

/** Bytes of outputs; a disk that doesn't keep up lets more wait. */
const MOST_UNSYNCED = 2 ** 23;
/** A write takes some 10 µs of the processor's time; tens of thousands a second would be felt. */
const WRITE_EVERY_MS = 2;
/** Bytes; more is written before that. */
const MOST_WAITING = 2 ** 18;
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
  #wake = () => {};
  /** Resolves for the callers that wait for the next commit to be synced. */
  #asked: Deferred<void> | undefined;
  #keepingUp: Deferred<void> | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#lines = new LineBuffer(options.end, options.mac);
    this.#written = options.end;
    this.#synced = options.end;
  }

  /** Rejects with a WriteFailure when writing fails. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Returns the offset of the line in the file; undefined after a failure. */
  add(line: () => string): number | undefined {
    if (this.#failure) return undefined;
    if (this.#lines.isEmpty) this.#wake();
    const offset = this.#attempt(() => this.#lines.add(line()));
    this.#start();
    return offset;
  }

  /**
   * Adds a line whose place isn't needed. Its text is made together with those of the other lines that are written
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

  /**
   * Writes all that was added until now: it outlives the process when this returns. Throws a WriteFailure when it can't
   * be written, or when something couldn't be that was added before.
   */
  write(): void {
    this.#tryToWrite();
    if (this.#failure) throw this.#failure;
  }

  #tryToWrite(): void {
    if (this.#failure || this.#lines.isEmpty) return;
    this.#attempt(() => this.#write());
  }

  #keepsUp(): boolean {
    return this.#options.outputs.unsyncedLength < MOST_UNSYNCED;
  }

  #start(): void {
    // The next turn of the event loop may be far away.
    if (performance.now() >= this.#writeAt || this.#lines.end - this.#written > MOST_WAITING)
      this.#tryToWrite();
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

  /** Until it is time to write or to sync, or a sync is asked for; and until all lines of that turn are there. */
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
    try {
      this.write();
      if (asked || performance.now() >= this.#syncAt) await this.#sync();
      asked?.resolve();
    } catch (error) {
      const failure = await this.#fail(error);
      asked?.reject(failure);
    }
  }

  #write(): void {
    const now = performance.now();
    const end = this.#lines.take();
    this.#writeAt = now + WRITE_EVERY_MS;
    this.#syncAt = Math.min(this.#syncAt, now + SYNC_AFTER_MS);
    while (this.#written < end) {
      const rest = this.#lines.takenFrom(this.#written);
      this.#written += writevSync(this.#options.handle.fd, rest, this.#written);
    }
    this.#lines.written();
  }

  /** Syncs everything written so far. Lines written meanwhile count as unsynced. */
  async #sync(): Promise<void> {
    const { handle, outputs } = this.#options;
    const written = this.#written;
    this.#syncAt = Number.POSITIVE_INFINITY;
    const meanwhile = setInterval(() => this.#tryToWrite(), WRITE_EVERY_MS);
    try {
      await outputs.sync();
      await handle.datasync();
    } finally {
      clearInterval(meanwhile);
    }
    this.#synced = written;
    if (this.#keepsUp()) this.#catchUp();
  }

  #catchUp(): void {
    this.#keepingUp?.resolve();
    this.#keepingUp = undefined;
  }

  /** Undefined where it fails: then nothing is written any more. */
  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      void this.#fail(error);
      return undefined;
    }
  }

  /** After this no line is accepted. Written lines stay, except for one that isn't whole. */
  async #fail(cause: unknown): Promise<WriteFailure> {
    if (this.#failure) return this.#failure;
    const failure = cause instanceof WriteFailure ? cause : new WriteFailure(this.#options.file, cause);
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
    const { at, bytes } = this.#lines.endingAt(this.#written);
    await handle.write(bytes, 0, bytes.length, at);
    await handle.truncate(at + bytes.length);
    await handle.datasync();
  }
}
