/** A rate with a burst: at most so many calls in any time of this length, milliseconds. */
export interface Pace {
  readonly calls: number;
  readonly ms: number;
  /** The shortest time with which nothing was refused, and the longest with which something was. */
  readonly goodMs: number;
  readonly badMs: number;
  /** The time that was measured, or a longer one where that was refused. */
  readonly safeMs: number;
}

/** No pace is longer, so that no wait is: milliseconds. */
export const LONGEST_PACE_MS = 3_600_000;
/** How exactly the time of a pace is found out before the pace is held. */
const PRECISION = 0.04;
/** A call that is earlier by no more than this share is early because timers are. */
const EARLY = 0.005;

/** Whether a call that came so long after the start of its burst was earlier than is known to be good. */
export function isTrial({ goodMs }: Pace, ms: number): boolean {
  return ms < goodMs * (1 - EARLY);
}

/** After a refusal: as slow as was good, or slower by this share where that was refused. */
export function slowed(pace: Pace, triedMs: number, share: number): Pace {
  return held(pace, triedMs, isTrial(pace, triedMs) ? pace.goodMs : pace.goodMs * (1 + share));
}

/** After a second refusal: as slow as was measured; undefined where it is about as slow. */
export function safe(pace: Pace, triedMs: number): Pace | undefined {
  return pace.safeMs < pace.ms * 1.05 ? undefined : held(pace, triedMs, pace.safeMs);
}

function held(pace: Pace, triedMs: number, atLeastMs: number): Pace {
  const ms = Math.min(atLeastMs, LONGEST_PACE_MS);
  const badMs = Math.max(pace.badMs, Math.min(triedMs, pace.goodMs));
  return { ...pace, ms, goodMs: ms, badMs: Math.min(badMs, ms * 0.99), safeMs: Math.max(ms, pace.safeMs) };
}

/** A pace that is proven is good. Half of what is uncertain is tried next; undefined where little is. */
export function halved(pace: Pace): Pace | undefined {
  const { ms, badMs } = pace;
  return ms - badMs > PRECISION * ms ? { ...proven(pace), ms: (ms + badMs) / 2 } : undefined;
}

/** Faster by this share, though that was refused once. */
export function quickened(pace: Pace, share: number): Pace {
  const ms = pace.ms * (1 - share);
  return { ...proven(pace), ms, badMs: ms * 0.99 };
}

function proven(pace: Pace): Pace {
  return { ...pace, goodMs: Math.min(pace.ms, pace.goodMs) };
}
