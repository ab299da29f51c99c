/** The clock of the lanes. */
export interface Clock {
  /** Monotonic, milliseconds. */
  now(): number;
  /** Milliseconds since the epoch. */
  date(): number;
  /** Calls back once. Returns a function that cancels the timer. */
  after(ms: number, work: () => void): () => void;
}

/** The system's. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(ms, work) {
    const timer = setTimeout(work, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};
