/** Each class of values is so much wider than the one before: a quantile is wrong by 1 % at most. */
const GROWTH = Math.log(1.02);

/** Quantiles of any number of values (from 0 up, 1 being fine enough) in a few kilobytes. */
export class Quantiles {
  /** How many values fell into each class. */
  readonly #counts: number[] = [];
  #count = 0;
  #largest = 0;

  add(value: number): void {
    const place = classOf(value);
    while (this.#counts.length <= place) this.#counts.push(0);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#count++;
    this.#largest = Math.max(this.#largest, value);
  }

  /** The value that a share `q` of all values doesn't exceed; null where there are none. */
  at(q: number): number | null {
    let left = Math.ceil(q * this.#count);
    for (const [place, count] of this.#counts.entries()) {
      left -= count;
      if (count > 0 && left <= 0) return Math.min(this.#largest, middleOf(place));
    }
    return null;
  }
}

/** Class 0 is for values below 1. */
function classOf(value: number): number {
  return value < 1 ? 0 : 1 + Math.floor(Math.log(value) / GROWTH);
}

function middleOf(place: number): number {
  return place === 0 ? 0 : Math.exp((place - 0.5) * GROWTH);
}
