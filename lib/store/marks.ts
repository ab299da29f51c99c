import type { Input } from '../flow/flow.js';
import { hashOf } from './offset-table.js';

const FIRST_SLOTS = 2 ** 12;
const FULLEST = 0.75;
/** A slot is two numbers side by side: the mark, and its value. */
const WIDTH = 2;
const [UNKNOWN, IN, OUT] = [0, 1, 2];

/** A value for each 32-bit mark, in one typed array: a Set takes four times the memory, and ends at 2²⁴. */
export class Marks {
  #slots = new Uint32Array(FIRST_SLOTS * WIDTH);
  #mask = FIRST_SLOTS - 1;
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  set(mark: number, isIn: boolean): void {
    if (this.#size > this.#mask * FULLEST) this.#grow();
    const place = this.#placeOf(mark);
    if (this.#slots[place + 1] === UNKNOWN) this.#size++;
    this.#slots[place] = mark;
    this.#slots[place + 1] = isIn ? IN : OUT;
  }

  /** Undefined where it was never set. */
  get(mark: number): boolean | undefined {
    const known = this.#slots[this.#placeOf(mark) + 1];
    return known === UNKNOWN ? undefined : known === IN;
  }

  /** Where it stands, or would. */
  #placeOf(mark: number): number {
    let slot = mark & this.#mask;
    while (this.#slots[slot * WIDTH + 1] !== UNKNOWN && this.#slots[slot * WIDTH] !== mark)
      slot = (slot + 1) & this.#mask;
    return slot * WIDTH;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    this.#size = 0;
    for (let place = 0; place < old.length; place += WIDTH)
      if (old[place + 1] !== UNKNOWN) this.set(old[place] ?? 0, old[place + 1] === IN);
  }
}

/**
 * 32 bits of a flow's inputs: its keys' names with the paths, as listed, or with the hashes of values. Made before any
 * content is read, it tells at once and nearly for certain if an earlier session had the same flow.
 */
export function markOf(inputs: Iterable<readonly [name: string, Pick<Input, 'path' | 'sha256'>]>): number {
  let sum = 0;
  // A sum, since the order of the keys doesn't matter.
  for (const [name, { path, sha256 }] of inputs) sum += hashOf(`${name}\0${path ?? sha256 ?? ''}`);
  return sum >>> 0;
}
