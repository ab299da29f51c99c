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
