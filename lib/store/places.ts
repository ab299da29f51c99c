/** Places in a page. */
const PAGE = 2 ** 15;

/** A set of whole numbers from 0 up: a bit each where they lie close together, as the places of a run's flows do. */
export class Places {
  readonly #pages = new Map<number, Uint8Array>();

  set(place: number, isIn: boolean): void {
    const [page, byte, bit] = partsOf(place);
    const bits = this.#pages.get(page) ?? new Uint8Array(PAGE / 8);
    bits[byte] = isIn ? (bits[byte] ?? 0) | bit : (bits[byte] ?? 0) & ~bit;
    this.#pages.set(page, bits);
  }

  has(place: number): boolean {
    const [page, byte, bit] = partsOf(place);
    return ((this.#pages.get(page)?.[byte] ?? 0) & bit) !== 0;
  }

  get isEmpty(): boolean {
    return this.#pages.size === 0;
  }
}

function partsOf(place: number): [page: number, byte: number, bit: number] {
  const inPage = place % PAGE;
  return [Math.floor(place / PAGE), inPage >>> 3, 1 << (inPage & 7)];
}
