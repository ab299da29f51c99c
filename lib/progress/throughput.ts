import type { Meter, Throughput } from '../lanes/lane.js';

/** Calls that start soon after each other; behind them the others are held back. */
interface Stretch {
  readonly from: number;
  /** When its latest call started. */
  to: number;
  /** Calls that started, and weren't refused. */
  calls: number;
  heldMs: number;
}

/** Where openings follow each other faster, several are one stretch, milliseconds. */
const SHORTEST_MS = 250;
/** Holds from this length on separate cycles; shorter ones make a steady rate. */
const CYCLE_HOLD_MS = 3000;
/** How long the past counts, milliseconds: of a steady rate, and of cycles, of which some last minutes. */
const STEADY_MS = 10_000;
const MEMORY_MS = 150_000;
/** So many cycles that have ended are looked at. */
const LATEST_CYCLES = 2;
/** A lane opens with a burst that says little of its rate: it counts until later calls outweigh it. */
const OPENING_MS = 1000;
const ENOUGH_CALLS = 20;
const ENOUGH_MS = 2000;
/** Cycles have not all the same number of calls: so much of one isn't another one. */
const ROUNDING = 0.1;

/**
 * Measures how fast calls get through a lane: at a steady rate, or in cycles, as with a server that lets 60 calls through
 * and then none for the rest of the minute. Times are milliseconds of one clock.
 */
export class ThroughputMeter implements Meter {
  readonly #stretches: Stretch[] = [];
  #heldUntil = Number.NEGATIVE_INFINITY;
  /** The first stretch of all is still known. */
  #hasFirst = true;

  /** A call starts. The returned function takes it back: it was refused. */
  started(now: number): () => void {
    const wasHeld = this.#endHold(now);
    const latest = this.#stretches.at(-1);
    const isOver = !latest || (wasHeld && now - latest.from >= SHORTEST_MS);
    const stretch = isOver ? this.#open(now) : latest;
    stretch.to = now;
    stretch.calls++;
    return () => {
      stretch.calls--;
    };
  }

  /** Limits hold calls back for so long, as far as is known. */
  held(now: number, ms: number): void {
    const latest = this.#stretches.at(-1);
    const from = Math.max(now, this.#heldUntil);
    if (!latest || now + ms <= from) return;
    latest.heldMs += now + ms - from;
    this.#heldUntil = now + ms;
  }

  /**
   * @param waitMs until the next call may start
   * @returns null where limits hold calls back for less than half of the time
   */
  at(now: number, waitMs: number): Throughput | null {
    const wait = Math.max(0, waitMs);
    // For cycles, a stretch of refused calls only is a part of the hold around it.
    const stretches = this.#stretches.filter(({ calls }) => calls > 0);
    const holdNow = wait > 0 ? holdBefore(stretches, stretches.length, now + wait) : 0;
    const longest = Math.max(holdNow, ...holds(stretches));
    if (longest < CYCLE_HOLD_MS) return steady(this.#recent(now), now, wait);
    return inCycles(stretches, { longest, hasFirst: this.#hasFirst }, now, wait);
  }

  #open(now: number): Stretch {
    const stretch = { from: now, to: now, calls: 0, heldMs: 0 };
    this.#stretches.push(stretch);
    while ((this.#stretches[1]?.from ?? now) < now - MEMORY_MS) {
      this.#stretches.shift();
      this.#hasFirst = false;
    }
    return stretch;
  }

  /** It may end sooner than was known. Returns whether there was one since the latest start. */
  #endHold(now: number): boolean {
    const latest = this.#stretches.at(-1);
    if (latest && this.#heldUntil > now) latest.heldMs -= this.#heldUntil - now;
    const wasHeld = this.#heldUntil > Number.NEGATIVE_INFINITY;
    this.#heldUntil = Number.NEGATIVE_INFINITY;
    return wasHeld;
  }

  #recent(now: number): readonly Stretch[] {
    const all = this.#stretches;
    const recent = all.filter(({ from }, at) => from >= now - STEADY_MS || at === all.length - 1);
    if (!this.#hasFirst || recent.length < all.length) return recent;
    const opened = (recent[0]?.from ?? now) + OPENING_MS;
    const later = recent.filter(({ from }) => from >= opened);
    const isEnough = now - (later[0]?.from ?? now) >= ENOUGH_MS && sumOf(later, 'calls') >= ENOUGH_CALLS;
    return isEnough ? later : recent;
  }
}

function steady(stretches: readonly Stretch[], now: number, wait: number): Throughput | null {
  const [first] = stretches;
  if (!first) return null;
  const ms = now + wait - first.from;
  const heldMs = sumOf(stretches, 'heldMs');
  const perMs = sumOf(stretches, 'calls') / ms;
  return perMs === 0 || heldMs < ms / 2
    ? null
    : { perSecond: perMs * 1000, heldMs, msFor: (calls) => wait + calls / perMs };
}

/** The average of a cycle. */
interface Cycle {
  readonly ms: number;
  readonly calls: number;
  readonly heldMs: number;
}

/** A cycle begins behind each hold that is at least half as long as the longest. */
function inCycles(
  stretches: readonly Stretch[],
  { longest, hasFirst }: { readonly longest: number; readonly hasFirst: boolean },
  now: number,
  wait: number,
): Throughput | null {
  const isLong = (hold: number) => hold >= longest / 2;
  const begins = stretches.flatMap((_, at) => {
    const isBegin = at === 0 ? hasFirst : isLong(holdBefore(stretches, at));
    return isBegin ? [at] : [];
  });
  const ended = begins.slice(-1 - LATEST_CYCLES);
  const current = stretches.slice(begins.at(-1));
  const begin = current[0]?.from ?? now;
  // Of the very first cycle it is known how long it lasts at least.
  const cycle =
    ended.length > 1
      ? cycleOf(stretches.slice(ended[0], begins.at(-1)), begin, ended.length - 1)
      : cycleOf(current, now + wait, 1);
  if (cycle.heldMs < cycle.ms / 2) return null;
  const isClosed = wait > 0 && isLong(holdBefore(stretches, stretches.length, now + wait));
  const free = isClosed ? 0 : Math.max(0, cycle.calls - sumOf(current, 'calls'));
  const nextMs = Math.max(wait, begin + cycle.ms - now);
  return {
    perSecond: (cycle.calls * 1000) / cycle.ms,
    heldMs: cycle.heldMs,
    msFor: (calls) => msInCycles(cycle, calls, free, nextMs),
  };
}

/** @param end when the last of `count` cycles ended */
function cycleOf(stretches: readonly Stretch[], end: number, count: number): Cycle {
  const ms = end - (stretches[0]?.from ?? end);
  const heldMs = stretches.reduce((sum, { to }, at) => sum + (stretches[at + 1]?.from ?? end) - to, 0);
  return { ms: ms / count, calls: sumOf(stretches, 'calls') / count, heldMs: heldMs / count };
}

/** @param free calls that the current cycle has left; the next one begins in `nextMs` */
function msInCycles({ ms, calls, heldMs }: Cycle, wanted: number, free: number, nextMs: number): number {
  const burstMs = ms - heldMs;
  if (wanted <= free) return (wanted / calls) * burstMs;
  const cycles = (wanted - free) / calls;
  const whole = Math.max(0, Math.ceil(cycles - ROUNDING) - 1);
  return nextMs + whole * ms + Math.min(1, cycles - whole) * burstMs;
}

/** How long calls were held back before a stretch. */
function holdBefore(stretches: readonly Stretch[], at: number, from = stretches[at]?.from ?? 0): number {
  return from - (stretches[at - 1]?.to ?? from);
}

function holds(stretches: readonly Stretch[]): number[] {
  return stretches.map((_, at) => (at > 0 ? holdBefore(stretches, at) : 0));
}

function sumOf(stretches: readonly Stretch[], field: 'calls' | 'heldMs'): number {
  return stretches.reduce((sum, stretch) => sum + stretch[field], 0);
}
