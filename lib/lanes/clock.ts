/** The time, as lanes see it. */
export interface Clock {
  /** Milliseconds of a clock that nobody sets. */
  now(): number;
  /** Milliseconds since the epoch. */
  date(): number;
  /** Calls back once, unless what it returns is called before. */
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
