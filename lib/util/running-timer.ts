/** How often it is noted that this process runs, milliseconds. */
const BEAT_MS = 250;
/** Without a beat for so long it didn't run: it was stopped (Ctrl-Z), or its event loop stood still. */
const GAP_MS = 2 * BEAT_MS;
/** Longer waits than this don't fit a timer, milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

let timers = 0;
let beat: NodeJS.Timeout | undefined;
let lastMs = 0;
let lostMs = 0;

/** Milliseconds in which this process ran, from any moment on; counted while there is a timer. */
function runningMs(): number {
  const now = performance.now();
  // Data that came in a gap is only read after it: that takes a beat at most.
  if (now - lastMs > GAP_MS) lostMs += now - lastMs + BEAT_MS;
  lastMs = now;
  return now - lostMs;
}

/**
 * Calls back once, after a time in which this process ran. While it was stopped its children and servers worked on, and
 * their data waits to be read: a timer of the system would go off before that.
 */
export class RunningTimer {
  readonly #ms: number;
  readonly #over: () => void;
  #endsAt: number;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds left when it was cleared. */
  #leftMs = 0;

  /** Starts at once. */
  constructor(ms: number, over: () => void) {
    this.#ms = ms;
    this.#over = over;
    if (timers++ === 0) {
      lastMs = performance.now();
      beat = setInterval(runningMs, BEAT_MS).unref();
    }
    this.#endsAt = runningMs() + ms;
    this.#wait(ms);
  }

  /** Milliseconds left, or when it was cleared; negative where it should have called back already. */
  get leftMs(): number {
    return this.#timer === undefined ? this.#leftMs : this.#endsAt - runningMs();
  }

  /** The whole time again. */
  restart(): void {
    this.#endsAt = runningMs() + this.#ms;
  }

  /** It never calls back. */
  clear(): void {
    if (this.#timer === undefined) return;
    this.#leftMs = this.leftMs;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (--timers === 0) clearInterval(beat);
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(this.#look, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
  }

  readonly #look = () => {
    const { leftMs } = this;
    if (leftMs > 0) {
      this.#wait(leftMs);
      return;
    }
    this.clear();
    this.#over();
  };
}
