/** A limit of a server, as far as it is known: so many calls in any window of this length. */
export interface Window {
  readonly calls: number;
  /** The length that is kept to, milliseconds. */
  readonly ms: number;
  /** The shortest length with which nothing was refused. */
  readonly goodMs: number;
  /** The longest with which something was. */
  readonly badMs: number;
  /** What share of its length may stay unknown. */
  readonly precision: number;
  /** How often it was kept although few calls had passed between two refusals. */
  readonly doubts: number;
}

/** What is known when something is let through again after refusals. */
export interface Reopening {
  readonly now: number;
  /** When it was refused first. */
  readonly since: number;
  /** When the call was started that was refused last. */
  readonly triedAt: number;
  /** The server told how long to wait: it may have been free earlier. */
  readonly wished: boolean;
  /** How many calls were let through before the refusals, and since when. */
  readonly passed: number;
  readonly passedSince: number;
}

/** How exactly its length is found out; less so where each mistake costs what the server asks for. */
const FINE = 0.01;
const COARSE = 0.05;
/** A window that is longer by no more than this may be the one that is known. */
const ALIKE = 1.3;
/** So often a refusal is put down to calls that overtook each other. */
const MOST_DOUBTS = 3;

/** What passed before the refusals, in all the time until now. Wishes are mostly in whole seconds. */
export function firstWindow({ now, triedAt, wished, passed, passedSince }: Reopening): Window {
  const ms = now - passedSince;
  const badMs = wished ? Math.max(0, ms - 1000) : triedAt - passedSince;
  return { calls: passed, ms, goodMs: ms, badMs, precision: wished ? COARSE : FINE, doubts: 0 };
}

/**
 * The window that is known, its length corrected; null where the limit must be another one: too few calls have passed
 * since the last refusal, and that was no mistake about the length.
 *
 * @param startedAt when the call was started that is as far back as the window has calls
 */
export function corrected(known: Window, startedAt: number, reopening: Reopening): Window | null {
  const { now, since, triedAt, wished, passed } = reopening;
  const ms = now - startedAt;
  const badMs = triedAt - startedAt;
  const isFull = passed >= known.calls;
  // What was tried with a window that was too short could be expected.
  const isDoubtful = !isFull && badMs >= known.goodMs;
  const doubts = isFull ? 0 : known.doubts + Number(isDoubtful);
  const isAlike = (wished ? badMs : ms) <= ALIKE * known.goodMs;
  const isLonger = now - since > known.goodMs;
  if (isDoubtful && !isLonger && (doubts > MOST_DOUBTS || !isAlike)) return null;
  if (!wished) return { ...known, ms, goodMs: ms, badMs, precision: FINE, doubts };
  const goodMs = badMs < known.goodMs ? known.goodMs : Math.min(ms, badMs * 1.1);
  return { ...known, ms: (badMs + goodMs) / 2, goodMs, badMs, precision: COARSE, doubts };
}

/** Nothing was refused with it: it was long enough. */
export function proven(window: Window): Window {
  return { ...window, goodMs: Math.min(window.ms, window.goodMs) };
}

/** Whether it may still be made shorter without a reason to think that the limit has changed. */
export function isUncertain({ ms, badMs, precision }: Window): boolean {
  return ms - badMs > precision * ms;
}

/** Shorter by half of what is uncertain. */
export function halved(window: Window): Window {
  return { ...window, ms: (window.ms + window.badMs) / 2 };
}

/** Shorter by this share, though it is known that it was too short once. */
export function shortened(window: Window, share: number): Window {
  const ms = window.ms * (1 - share);
  return { ...window, ms, badMs: ms * (1 - window.precision / 2) };
}
