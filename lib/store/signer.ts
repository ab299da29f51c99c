import { createHash, createHmac, type Hash, hash, timingSafeEqual } from 'node:crypto';
import { basename } from 'node:path';
import { idOf } from './run-folder.js';
import type { UserKey } from './user-key.js';

/** Half of an HMAC-SHA-256: the least that RFC 2104 (section 5) allows. */
const MAC_BYTES = 16;
/** Of a MAC as text: base64url without padding. */
export const MAC_CHARACTERS = Math.ceil((MAC_BYTES * 4) / 3);

/**
 * Makes the MACs of one run. They bind the run's files to the user's key and to the run's id, so that another run's
 * files don't pass for them; and a MAC of one file doesn't pass for one of the other.
 */
export class Signer {
  readonly #journalKey: Buffer;
  readonly #fileKey: Buffer;

  constructor(key: UserKey, folder: string) {
    const id = idOf(folder) ?? basename(folder);
    const keyFor = (use: string) => createHmac('sha256', key).update(`${use}\0${id}`).digest();
    this.#journalKey = keyFor('journal');
    this.#fileKey = keyFor('run.json');
  }

  /** Of the lines of the journal, none yet. */
  journalHmac(): RunningHmac {
    return runningHmac(this.#journalKey);
  }

  /** The MAC of the content of `run.json`. */
  signFile(content: string): string {
    return macText(createHmac('sha256', this.#fileKey).update(content).digest());
  }

  isFileSigned(content: string, mac: string): boolean {
    return isSameMac(this.signFile(content), mac);
  }
}

/** A MAC as it is written. */
export function macText(hmac: Buffer): string {
  return hmac.toString('base64url', 0, MAC_BYTES);
}

export function isSameMac(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

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
