/** How far the flows (and branches) of a run have come. */
export interface Pace {
  /** How many flows there will be; null where nobody knows. */
  readonly total: number | null;
  /** Flows that have ended. */
  readonly finished: number;
  readonly steps: readonly StepPace[];
  /** How many calls are made at once, on average of late. */
  readonly load: number;
}

/** What has happened at one step. */
export interface StepPace {
  /** Flows and branches that have reached it. */
  readonly entered: number;
  /** Those that have left it. */
  readonly left: number;
  /** Those of them that got the result of an earlier attempt at the run. */
  readonly replayed: number;
  /** How long its calls have taken in sum, milliseconds; those that have ended. */
  readonly ms: number;
}

/** A mean of fewer means nothing. */
const ENOUGH = 3;

/**
 * Milliseconds that the run will take from now on, from what its steps took so far and what is left; null as long as
 * that is a mere guess.
 */
export function eta({ total, finished, steps, load }: Pace): number | null {
  if (total === null || load <= 0 || !steps.every(isKnown)) return null;
  const work = workFrom(steps);
  const waiting = Math.max(0, total - (steps[0]?.entered ?? 0));
  const left = steps.reduce(
    (sum, { entered, left }, place) => sum + (entered - left) * (work[place] ?? 0),
    waiting * (work[0] ?? 0),
  );
  return left / Math.min(load, Math.max(1, total - finished));
}

/** A later step that nobody has reached is one that nobody reaches: those before it have let enough flows go. */
function isKnown({ entered, left, replayed }: StepPace, place: number): boolean {
  return left - replayed >= ENOUGH || (place > 0 && entered === 0);
}

/** For each step: milliseconds of calls that a flow (or branch) costs from there to its end, with its branches. */
function workFrom(steps: readonly StepPace[]): number[] {
  const work: number[] = [];
  for (let place = steps.length - 1; place >= 0; place--) {
    const { left = 0, replayed = 0, ms = 0 } = steps[place] ?? {};
    const onward = left > 0 ? (steps[place + 1]?.entered ?? 0) / left : 0;
    work[place] = ms / Math.max(1, left - replayed) + onward * (work[place + 1] ?? 0);
  }
  return work;
}
