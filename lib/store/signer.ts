import { createHmac, timingSafeEqual } from 'node:crypto';
import { basename } from 'node:path';
import { idOf } from './run-folder.js';
import type { UserKey } from './user-key.js';

/** Half of an HMAC-SHA-256: the least that RFC 2104 (section 5) allows. */
const MAC_BYTES = 16;
/** In base64url, without padding. */
export const MAC_CHARACTERS = Math.ceil((MAC_BYTES * 4) / 3);

/**
 * Makes and checks the MACs of one run (HMAC-SHA-256): they bind what the run keeps to the user's key and to the run's id,
 * so that another run's files don't pass for it.
 */
export class Signer {
  readonly #key: Buffer;

  constructor(key: UserKey, folder: string) {
    this.#key = hmac(key, idOf(folder) ?? basename(folder));
  }

  /** @param use so that a MAC of one file doesn't pass for one of the other */
  sign(use: 'journal' | 'run.json', content: Buffer | string): string {
    return hmac(this.#key, use, content).subarray(0, MAC_BYTES).toString('base64url');
  }

  isSigned(use: 'journal' | 'run.json', content: Buffer | string, mac: string): boolean {
    const [expected, given] = [Buffer.from(this.sign(use, content)), Buffer.from(mac)];
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

function hmac(key: Buffer, name: string, content: Buffer | string = ''): Buffer {
  return createHmac('sha256', key).update(`${name}\0`).update(content).digest();
}
