const FIRST_CAPACITY = 1024;

/**
 * Counts how often a hash was seen. Generated values can run into millions and are never kept, so this is an
 * open-addressing table of 52-bit fingerprints, 16 to 32 bytes a value: a fifth of what a Map takes, and without
 * its limit of 2^24 entries.
 */
export class Repeats {
  #slots = new Float64Array(FIRST_CAPACITY);
  #used = 0;
  /** Only what was seen at least twice. */
  readonly #counts = new Map<number, number>();

  /** How often this hash (hex digits) was added before. */
  add(sha256: string): number {
    // 0 marks a free slot.
    const fingerprint = Number.parseInt(sha256.slice(0, 13), 16) + 1;
    if (this.#insert(fingerprint)) return 0;
    const before = this.#counts.get(fingerprint) ?? 1;
    this.#counts.set(fingerprint, before + 1);
    return before;
  }

  /** False where it is already there. */
  #insert(fingerprint: number): boolean {
    if (this.#used * 2 >= this.#slots.length) this.#grow();
    const slot = find(this.#slots, fingerprint);
    if (this.#slots[slot] === fingerprint) return false;
    this.#slots[slot] = fingerprint;
    this.#used++;
    return true;
  }

  #grow(): void {
    const larger = new Float64Array(this.#slots.length * 2);
    for (const fingerprint of this.#slots) {
      if (fingerprint !== 0) larger[find(larger, fingerprint)] = fingerprint;
    }
    this.#slots = larger;
  }
}

/** Where it stands, or else the free slot where it would. */
function find(slots: Float64Array, fingerprint: number): number {
  let slot = fingerprint % slots.length;
  while (slots[slot] !== 0 && slots[slot] !== fingerprint) slot = (slot + 1) % slots.length;
  return slot;
}
