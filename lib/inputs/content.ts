import { hash } from 'node:crypto';
import { decodeUtf8 } from '../util/utf8.js';

/** What a file held when it was read: its bytes, or, once somebody asked for it, its text. */
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
