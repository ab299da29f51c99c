/** More calls than this aren't looked back upon. */
const MOST = 2 ** 14;

/** When the last calls were started that weren't refused, milliseconds. */
export class Starts {
  #times: number[] = [];

  add(at: number): void {
    this.#times.push(at);
    if (this.#times.length > 2 * MOST) this.#times = this.#times.slice(-MOST);
  }

  /** It was refused. */
  remove(at: number): void {
    const index = this.#times.lastIndexOf(at);
    if (index >= 0) this.#times.splice(index, 1);
  }

  /** The `nth` from the end; infinitely long ago where there are fewer. */
  ago(nth: number): number {
    return this.#times.at(-nth) ?? Number.NEGATIVE_INFINITY;
  }

  /** How many there were from that time on. */
  since(at: number): number {
    let count = 0;
    while (count < this.#times.length && (this.#times.at(-1 - count) ?? 0) >= at) count++;
    return count;
  }

  /** The `nth` before that time; infinitely long ago where there were fewer. */
  before(at: number, nth: number): number {
    return this.#times.at(-this.since(at) - nth) ?? Number.NEGATIVE_INFINITY;
  }
}
