const FIRST_SLOTS = 2 ** 12;
const FULLEST = 0.75;
/** A slot is three numbers side by side: the hash, and the lower and upper 32 bits of the offset plus 1; 0 is an empty slot. */
const WIDTH = 3;
const UPPER = 2 ** 32;
const NONE = -1;

/**
 * Offsets under 32-bit hashes, in one typed array with open addressing: a Map takes ten times the memory, and ends at 2²⁴
 * entries. Several offsets may stand under one hash, so each is a guess that has to be looked at.
 */
export class OffsetTable {
  #slots = new Uint32Array(FIRST_SLOTS * WIDTH);
  #mask = FIRST_SLOTS - 1;
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** @param hash from 0 up, below 2³² @param offset from 0 up */
  add(hash: number, offset: number): void {
    if (this.#size > this.#mask * FULLEST) this.#grow();
    this.#put(hash, offset);
    this.#size++;
  }

  /** The result of `look` at the greatest offset under the hash for which it has one. */
  last<Found>(hash: number, look: (offset: number) => Found | undefined): Found | undefined {
    let last = NONE;
    let found: Found | undefined;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const offset = offsetAt(this.#slots, slot);
      if (offset === NONE) return found;
      if (this.#slots[slot * WIDTH] !== hash || offset <= last) continue;
      const seen = look(offset);
      if (seen !== undefined) [found, last] = [seen, offset];
    }
  }

  /** All offsets, in order. */
  offsets(): Float64Array {
    const offsets = new Float64Array(this.#size);
    let count = 0;
    for (let slot = 0; slot <= this.#mask; slot++) {
      const offset = offsetAt(this.#slots, slot);
      if (offset !== NONE) offsets[count++] = offset;
    }
    return offsets.sort();
  }

  #put(hash: number, offset: number): void {
    let slot = hash & this.#mask;
    while (offsetAt(this.#slots, slot) !== NONE) slot = (slot + 1) & this.#mask;
    this.#slots[slot * WIDTH] = hash;
    this.#slots[slot * WIDTH + 1] = offset + 1;
    this.#slots[slot * WIDTH + 2] = (offset + 1) / UPPER;
  }

  #grow(): void {
    const old = this.#slots;
    const count = this.#mask + 1;
    this.#slots = new Uint32Array(2 * old.length);
    this.#mask = 2 * count - 1;
    for (let slot = 0; slot < count; slot++) {
      const offset = offsetAt(old, slot);
      if (offset !== NONE) this.#put(old[slot * WIDTH] ?? 0, offset);
    }
  }
}

/** `NONE` for an empty slot. */
function offsetAt(slots: Uint32Array, slot: number): number {
  const place = slot * WIDTH + 1;
  return (slots[place + 1] ?? 0) * UPPER + (slots[place] ?? 0) - 1;
}

/** 32 bits of a short, plain text (FNV-1a, and a last stir for the lower bits). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
