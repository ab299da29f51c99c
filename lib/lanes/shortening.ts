import { halved, isUncertain, proven, shortened, type Window } from './window.js';

/** As many answers as this, or as a window has calls, show that its length is all right; and so long a time. */
const ANSWERS = 20;
const TURN_MS = 250;
const FIRST_SHARE = 0.01;
const LARGEST_SHARE = 0.25;

/**
 * Makes a window shorter while answers come: by halves of what is uncertain until its length is known well. Then it is
 * held to for a while, and tried again: shorter and shorter, faster and faster, until something is refused.
 */
export class Shortening {
  readonly #holdMs: number;
  #heldSince: number;
  #answers = 0;
  #since: number;
  #share = FIRST_SHARE;

  /** @param last that of the window before, where this one is the same limit */
  constructor(now: number, window: Window, last?: Shortening) {
    this.#since = now;
    this.#heldSince = now;
    this.#holdMs = last ? Math.min(2 * last.#holdMs, longestHoldMs(window)) : Math.max(1000, 2 * window.ms);
  }

  /** A call was answered; the window as it is from now on. */
  answered(now: number, window: Window): Window {
    this.#answers++;
    if (this.#answers < Math.min(window.calls, ANSWERS) || now - this.#since < TURN_MS) return window;
    this.interrupted(now);
    return this.#next(now, proven(window));
  }

  /** What was answered until now shows nothing. */
  interrupted(now: number): void {
    this.#answers = 0;
    this.#since = now;
  }

  #next(now: number, window: Window): Window {
    if (isUncertain(window)) {
      this.#heldSince = now;
      return halved(window);
    }
    if (now - this.#heldSince < this.#holdMs) return window;
    const share = this.#share;
    this.#share = Math.min(2 * share, LARGEST_SHARE);
    return shortened(window, share);
  }
}

/** It costs a refusal to find out that it is too short: some seconds and windows, and forty calls, should be worth it. */
function longestHoldMs({ calls, ms }: Window): number {
  return Math.min(Math.max(4000, 8 * ms, (40 * ms) / calls), 60_000);
}
