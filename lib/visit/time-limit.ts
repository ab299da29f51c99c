/** Longer waits than this don't fit a timer, milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Calls back once a time is over, of which pauses aren't a part. */
export class TimeLimit {
  readonly #over: () => void;
  #leftMs: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Starts at once. */
  constructor(ms: number, over: () => void) {
    this.#leftMs = ms;
    this.#over = over;
    this.resume();
  }

  /** Ends it as well: a limit that isn't resumed never calls back. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#since;
  }

  resume(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(this.#over, Math.min(Math.max(this.#leftMs, 0), LONGEST_TIMER));
  }
}
