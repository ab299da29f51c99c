import { createHash, hash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import Queue from 'yocto-queue';
import { codeOf, messageOf, StepFailure } from '../errors.js';
import { MOST_TEXT_BYTES, readBounded } from '../files/bounded-file.js';
import { withFiles } from '../files/open-files.js';
import { decodeUtf8, NotText } from '../util/utf8.js';

/** A listed file: its path, and its name for the user. */
export interface Listed {
  /** Absolute. */
  readonly file: string;
  /** As listed, for messages. */
  readonly path: string;
  /** The key that lists it, for messages. */
  readonly key: string;
}

export interface ContentsOptions {
  /** Most bytes of contents held at once. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** Most files open at once. Default: 32. */
  readonly maxReads?: number;
  /** A larger file is streamed when only its hash is needed. Default: 1 MiB. */
  readonly wholeBytes?: number;
}

/** Bytes; more take a while on any disk. */
const SMALL_BYTES = 2 ** 16;
/** A read that took longer comes from a disk that lets one wait (a network), milliseconds. */
const SLOW_MS = 2;

/**
 * The contents of the listed files: hashed once, read when needed, the latest ones kept.
 * Errors are StepFailures of kind `input`: they concern the flows with that file and no other.
 */
export class Contents {
  readonly #wholeBytes: number;
  readonly #kept: LRUCache<string, Content>;
  readonly #limit: Limit;
  readonly #hashes = new Map<string, string | Promise<string>>();
  readonly #reads = new Map<string, Promise<Content>>();
  /** The disk hasn't let anybody wait so far. */
  #isNear = true;

  constructor({ maxBytes = 64 * 2 ** 20, maxReads = 32, wholeBytes = 2 ** 20 }: ContentsOptions = {}) {
    this.#wholeBytes = wholeBytes;
    this.#kept = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ size }) => size });
    this.#limit = new Limit(maxReads);
  }

  /**
   * SHA-256 of a file's bytes in hex, the same throughout the run; a failure is remembered too. `wanted` says that the
   * text will be needed, so the bytes are worth keeping.
   */
  hash(listed: Listed, wanted: boolean): string | Promise<string> {
    const known = this.#hashes.get(listed.file);
    if (known !== undefined) return known;
    const pending = this.#limit.run(() => this.#hash(listed, wanted));
    this.#hashes.set(listed.file, pending);
    return pending;
  }

  /**
   * A file's text, at once when it is kept. Strict UTF-8, and only while the file is unchanged since it was hashed.
   * Throws or rejects with the StepFailure.
   */
  text(listed: Listed, sha256: string | null): string | Promise<string> {
    const kept = this.#kept.get(listed.file);
    if (kept?.sha256 === sha256 && kept.text !== undefined) return kept.text;
    return this.#read(listed).then((content) => this.#decode(listed, content, sha256));
  }

  /** The hashes that are known by now, by file. */
  known(): Readonly<Record<string, string>> {
    const known = [...this.#hashes].flatMap(([file, sha256]) =>
      typeof sha256 === 'string' ? [[file, sha256] as const] : [],
    );
    return Object.fromEntries(known);
  }

  async #hash(listed: Listed, wanted: boolean): Promise<string> {
    try {
      const sha256 = await withFiles(() => this.#hashOnDisk(listed, wanted));
      this.#hashes.set(listed.file, sha256);
      return sha256;
    } catch (error) {
      throw unreadable(listed, error);
    }
  }

  async #hashOnDisk({ file }: Listed, wanted: boolean): Promise<string> {
    const bytes = this.#smallFile(file) ?? (await this.#wholeFile(file));
    if (bytes === null) return hashStream(file);
    if (!wanted) return hash('sha256', bytes);
    const content = new Content(bytes);
    this.#kept.set(file, content);
    return content.sha256;
  }

  /** At once, as long as the disk answers at once: the thread pool costs five times as much. Undefined for others. */
  #smallFile(file: string): Buffer | undefined {
    if (!this.#isNear) return undefined;
    const began = performance.now();
    const stats = statSync(file);
    const bytes = stats.isFile() && stats.size <= SMALL_BYTES ? readFileSync(file) : undefined;
    this.#isNear = performance.now() - began <= SLOW_MS;
    return bytes;
  }

  /** Null for one that is too large. */
  async #wholeFile(file: string): Promise<Buffer | null> {
    const { size } = await stat(file);
    return size > this.#wholeBytes ? null : readFile(file);
  }

  /** Simultaneous requests for one file share one read. */
  #read(listed: Listed): Promise<Content> {
    const { file } = listed;
    const shared = this.#reads.get(file);
    if (shared) return shared;
    const kept = this.#kept.get(file);
    const reading = kept ? Promise.resolve(kept) : this.#readFromDisk(listed);
    this.#reads.set(file, reading);
    return reading.finally(() => this.#reads.delete(file));
  }

  async #readFromDisk(listed: Listed): Promise<Content> {
    try {
      return new Content(
        await this.#limit.run(() => withFiles(() => readBounded(listed.file, MOST_TEXT_BYTES))),
      );
    } catch (error) {
      throw error instanceof NotText ? notText(listed.path, listed.key, error) : unreadable(listed, error);
    }
  }

  #decode({ file, path, key }: Listed, content: Content, sha256: string | null): string {
    if (sha256 !== null && content.sha256 !== sha256) {
      const hint = 'Leave the listed files alone while a run reads them, and run it again.';
      throw new StepFailure('input', `${path} changed during the run`, { hint });
    }
    try {
      const text = content.decode();
      // Anew, because its size is another one now.
      this.#kept.set(file, content);
      return text;
    } catch (error) {
      throw notText(path, key, error);
    }
  }
}

async function hashStream(file: string): Promise<string> {
  const sha256 = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 18 })) sha256.update(chunk);
  return sha256.digest('hex');
}

function notText(path: string, key: string, error: unknown): StepFailure {
  const remedy = error instanceof NotText ? error.remedy : 'Leave it out';
  const hint = `${remedy}, or use only its path, {{{${key}.path}}}.`;
  return new StepFailure('input', `${path} ${messageOf(error)}`, { hint, cause: error });
}

function unreadable({ path }: Listed, error: unknown): StepFailure {
  const reason =
    codeOf(error) === 'ENOENT' ? 'vanished during the run' : `cannot be read: ${messageOf(error)}`;
  return new StepFailure('input', `${path} ${reason}`, { cause: error });
}

/** The content of a file when it was read: its bytes, or, after the first request for it, its text. */
export class Content {
  readonly sha256: string;
  #held: Buffer | string;

  constructor(bytes: Buffer) {
    this.sha256 = hash('sha256', bytes);
    this.#held = bytes;
  }

  /** The text, when it has been decoded. */
  get text(): string | undefined {
    return typeof this.#held === 'string' ? this.#held : undefined;
  }

  /** Bytes of memory, at most: a string takes one or two a character. At least 1, as the cache wants it. */
  get size(): number {
    return Math.max(1, typeof this.#held === 'string' ? this.#held.length * 2 : this.#held.length);
  }

  /** Throws where it isn't UTF-8. */
  decode(): string {
    if (typeof this.#held !== 'string') this.#held = decodeUtf8(this.#held);
    return this.#held;
  }
}

/** Runs tasks, at most so many at once; the others wait in line. */
export class Limit {
  readonly #waiting = new Queue<() => void>();
  #free: number;

  constructor(most: number) {
    this.#free = most;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.enqueue(resolve));
    try {
      return await task();
    } finally {
      this.#passOn();
    }
  }

  /** Hands the place straight to the next in the queue, so that no later request gets it first. */
  #passOn(): void {
    const next = this.#waiting.dequeue();
    if (next) next();
    else this.#free++;
  }
}
