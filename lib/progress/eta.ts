/** How far the flows (and branches) of a run have come. */
export interface Pace {
  /** How many flows there will be; null where it is unknown. */
  readonly total: number | null;
  /** Flows that have ended. */
  readonly finished: number;
  readonly steps: readonly StepPace[];
  /** How many calls are made at once, on average of late. */
  readonly load: number;
  /** Limits that hold calls back. Default: none. */
  readonly limits?: readonly StepsLimit[];
}

/** A limit of the calls of some steps. */
export interface StepsLimit {
  /** Their positions. */
  readonly steps: readonly number[];
  /** Milliseconds until so many more of their calls have started. */
  msFor(calls: number): number;
  /** Their calls that wait for it. */
  readonly waiting: number;
}

/** The flows and calls at one step so far. */
export interface StepPace {
  /** Flows and branches that have reached it. */
  readonly entered: number;
  /** Flows and branches that have left it. */
  readonly left: number;
  /** Those of them that got a result of an earlier session. */
  readonly replayed: number;
  /** How long its calls have taken in sum, milliseconds; those that have ended. */
  readonly ms: number;
}

/** A mean of fewer means nothing. */
const ENOUGH = 3;

/**
 * Milliseconds that the run will take from now on; null as long as that is a mere guess. It is the longer of the
 * remaining work, by the steps' times so far, and of the time that limits impose.
 */
export function eta(pace: Pace): number | null {
  const { total, finished, steps, load, limits = [] } = pace;
  if (total === null || load <= 0 || !steps.every(isKnown)) return null;
  const work = workFrom(steps);
  const coming = arrivals(total, steps);
  const left = steps.reduce(
    (sum, { entered, left }, place) => sum + (entered - left) * (work[place] ?? 0),
    (coming[0] ?? 0) * (work[0] ?? 0),
  );
  const byWork = left / Math.min(load, Math.max(1, total - finished));
  return Math.max(byWork, ...limits.map((limit) => byLimit(limit, coming, work)));
}

/** The last call starts when the limit has let all others through, and its flow goes on from there. */
function byLimit(
  { steps, waiting, msFor }: StepsLimit,
  coming: readonly number[],
  work: readonly number[],
): number {
  const calls = steps.reduce((sum, place) => sum + (coming[place] ?? 0), waiting);
  return msFor(calls) + Math.max(0, ...steps.map((place) => work[place] ?? 0));
}

/** How many flows and branches are still to come to each step. */
function arrivals(total: number, steps: readonly StepPace[]): number[] {
  const coming = [Math.max(0, total - (steps[0]?.entered ?? 0))];
  for (let place = 1; place < steps.length; place++) {
    const { entered = 0, left = 0 } = steps[place - 1] ?? {};
    coming[place] = ((coming[place - 1] ?? 0) + entered - left) * onwardFrom(steps, place - 1);
  }
  return coming;
}

/** How many come to the next step for one that leaves this one. */
function onwardFrom(steps: readonly StepPace[], place: number): number {
  const left = steps[place]?.left ?? 0;
  return left > 0 ? (steps[place + 1]?.entered ?? 0) / left : 0;
}

/** If enough flows have finished without reaching this step, assume that none will. */
function isKnown({ entered, left, replayed }: StepPace, place: number): boolean {
  return left - replayed >= ENOUGH || (place > 0 && entered === 0);
}

/** For each step: milliseconds of calls that a flow (or branch) costs from there to its end, with its branches. */
function workFrom(steps: readonly StepPace[]): number[] {
  const work: number[] = [];
  for (let place = steps.length - 1; place >= 0; place--) {
    const { left = 0, replayed = 0, ms = 0 } = steps[place] ?? {};
    work[place] = ms / Math.max(1, left - replayed) + onwardFrom(steps, place) * (work[place + 1] ?? 0);
  }
  return work;
}
