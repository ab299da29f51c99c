/** So many units in any window of this length. */
export interface WindowLimit {
  readonly limit: number;
  readonly windowMs: number;
}

/** A limit as servers have it: every unit counts for the whole length of the window. */
export class SlidingWindow {
  readonly limit: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #uses: { readonly at: number; readonly units: number }[] = [];

  constructor({ limit, windowMs }: WindowLimit, now: () => number) {
    this.limit = limit;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  get remaining(): number {
    const since = this.#now() - this.#windowMs;
    this.#uses = this.#uses.filter(({ at }) => at > since);
    return Math.max(
      0,
      this.#uses.reduce((left, { units }) => left - units, this.limit),
    );
  }

  /** Until all of it is free again. */
  get resetMs(): number {
    const last = this.#uses.at(-1);
    return last ? Math.max(0, last.at + this.#windowMs - this.#now()) : 0;
  }

  /** Until so many units are free; 0: they are. */
  waitMs(units: number): number {
    let missing = units - this.remaining;
    for (const use of this.#uses) {
      if (missing <= 0) break;
      missing -= use.units;
      if (missing <= 0) return Math.max(1, use.at + this.#windowMs - this.#now());
    }
    return 0;
  }

  use(units: number): void {
    this.#uses.push({ at: this.#now(), units });
  }
}
