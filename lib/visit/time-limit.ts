import { RunningTimer } from '../util/running-timer.js';

/** Calls back once a time is over, of which pauses aren't a part. */
export class TimeLimit {
  readonly #over: () => void;
  #timer: RunningTimer;

  /** Starts at once. */
  constructor(ms: number, over: () => void) {
    this.#over = over;
    this.#timer = new RunningTimer(ms, over);
  }

  /** Ends it as well: a limit that isn't resumed never calls back. */
  pause(): void {
    this.#timer.clear();
  }

  resume(): void {
    this.#timer = new RunningTimer(this.#timer.leftMs, this.#over);
  }
}

/** Adds up the time in which something stands still; where pauses overlap it counts once. */
export class Pauses {
  #open = 0;
  #since = 0;
  #ms = 0;

  /** Milliseconds of all pauses by now. */
  get ms(): number {
    return this.#ms + (this.#open > 0 ? performance.now() - this.#since : 0);
  }

  /** True for the first of those that are open. */
  begin(): boolean {
    if (this.#open++ > 0) return false;
    this.#since = performance.now();
    return true;
  }

  /** True for the last of those that are open. */
  end(): boolean {
    if (--this.#open > 0) return false;
    this.#ms += performance.now() - this.#since;
    return true;
  }
}
