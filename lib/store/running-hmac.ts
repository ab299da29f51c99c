import { createHash, type Hash, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** HMAC-SHA-256 (RFC 2104) of bytes that keep coming. Node's own gives its value only once, and takes longer. */
export class RunningHmac {
  readonly #inner: Hash;
  readonly #outerPad: Buffer;

  /** @see runningHmac */
  constructor(inner: Hash, outerPad: Buffer) {
    this.#inner = inner;
    this.#outerPad = outerPad;
  }

  update(bytes: Buffer): void {
    this.#inner.update(bytes);
  }

  /** Of the bytes until now. */
  get value(): Buffer {
    return hash('sha256', Buffer.concat([this.#outerPad, this.#inner.copy().digest()]), 'buffer');
  }

  /** One that goes on from here by itself. */
  copy(): RunningHmac {
    return new RunningHmac(this.#inner.copy(), this.#outerPad);
  }
}

/** @param key at most 64 bytes */
export function runningHmac(key: Buffer): RunningHmac {
  const padded = (pad: number) =>
    Buffer.from(Array.from({ length: BLOCK_BYTES }, (_, at) => pad ^ (key[at] ?? 0)));
  return new RunningHmac(createHash('sha256').update(padded(INNER_PAD)), padded(OUTER_PAD));
}
