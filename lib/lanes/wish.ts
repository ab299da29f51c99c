/** A longer wish is tested after this time, then after twice as long: servers name minutes where seconds would do. */
const TEST_MS = 2000;
/** Until one has shown to be meant: for this share of it calls were refused. */
const MEANT = 0.5;

/** How long a server that refuses calls wants us to wait (`Retry-After`), and how long we do. */
export class Wish {
  /** How long we wait since the last refusal; 0 where it came without a wish. */
  ms = 0;
  #isMeant = false;
  /** The first one since a call passed. */
  #first = { at: 0, ms: 0 };
  #tests = 0;

  /** A call was refused with a wish, or with none (0). */
  heard(now: number, ms: number): void {
    if (ms > 0 && this.#tests === 0) this.#first = { at: now, ms };
    this.ms = this.#isMeant ? ms : Math.min(ms, TEST_MS * 2 ** this.#tests);
    if (ms > 0) this.#tests++;
  }

  /** A call that was started at that time passed. */
  passed(at: number): void {
    const { at: since, ms } = this.#first;
    if (this.#tests > 0 && ms > TEST_MS) this.#isMeant = at - since >= ms * MEANT;
    this.#tests = 0;
  }
}
