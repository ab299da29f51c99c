import {
  asyncScheduler,
  defer,
  filter,
  finalize,
  interval,
  map,
  merge,
  type Observable,
  type SchedulerLike,
  Subject,
  scan,
  startWith,
  takeUntil,
} from 'rxjs';
import type { RunEvent } from '../flow/events.js';
import type { LaneWait } from '../lanes/lanes.js';
import { throttleLatest } from '../operators/throttle-latest.js';
import { formatDuration } from './durations.js';
import type { StepsLimit } from './eta.js';
import { KeptFlows } from './kept-flows.js';
import { RunPace } from './run-pace.js';
import { Spent } from './spent.js';

/** The plan of a run; known before its first flow. */
export interface RunPlan {
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** How many flows there will be; null when a key's values can't be counted beforehand. */
  readonly total: number | null;
  /** How many of them have only to be replayed, after the others. Default: none. */
  readonly doneBefore?: number;
  /** The current waits of lanes. Default: none. */
  readonly waits?: () => readonly LaneWait[];
  /** Limits that hold calls back, in waits that may each be short. Default: none. */
  readonly limits?: () => readonly PlanLimit[];
}

/** A limit of the calls of some steps, which holds them back. */
export interface PlanLimit extends StepsLimit {
  /** The name of the limited lane, as the user knows it: `openai`. */
  readonly name: string;
  /** How many calls it lets through in a second. */
  readonly perSecond: number;
  /** For how long it held calls back of late, milliseconds. */
  readonly heldMs: number;
}

/** How many flows are where. */
export interface Progress {
  /** Flows and branches now at each step, waiting for it or in it. */
  readonly active: readonly number[];
  /** Flows that ended, with all their branches. */
  readonly finished: number;
  /** How many of those failed. */
  readonly failed: number;
  /** How many of those an earlier attempt at the run has done. Default: 0. */
  readonly kept?: number;
  /** Usage of calls, in words. Default: nothing. */
  readonly spent?: string;
  /** Milliseconds that are left; null where it is unknown. Default: null. */
  readonly leftMs?: number | null;
}

/** Waits are counted down. */
const TICK_MS = 1000;
/** Shorter waits are too short to read. */
const WORTH_TELLING_MS = 1000;

/** A limit is worth telling that holds calls back for longer than this, in however many waits. */
const HELD_MS = 2000;

/** The state of a run in words. */
export interface ProgressParts {
  /** The steps, in order, and how many flows are at each. */
  readonly steps: readonly StepPart[];
  /** `12/340` */
  readonly finished: string;
  /** Of the finished ones: `(14 kept)`, `(3 failed)`. */
  readonly remarks: readonly string[];
  /** `1.2M tok $0.42`; empty where nothing was used. */
  readonly spent: string;
  /** `eta 3m`; empty where that is unknown. */
  readonly eta: string;
  /** Waits and limits of lanes: `openai waits 12 s (429)`, `openai: limited to 20/s`. */
  readonly waits: readonly string[];
}

interface StepPart {
  readonly name: string;
  readonly flows: number;
}

/** The events of a run as one line, at most one each `ms`, the last one at once. */
export function progressLines(
  events$: Observable<RunEvent>,
  plan: RunPlan,
  ms: number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<string> {
  return progressParts(events$, plan, ms, scheduler).pipe(map((parts) => progressLine(parts)));
}

/**
 * The same part by part, for displays with less room than a line needs: a scanned side-stream of step-enter and step-exit
 * events produces the throttled progress log.
 */
export function progressParts(
  events$: Observable<RunEvent>,
  plan: RunPlan,
  ms: number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<ProgressParts> {
  return defer(() => {
    const counts = new Counts(plan, scheduler);
    const over = new Subject<void>();
    const counts$ = events$.pipe(
      scan((counts, event) => counts.add(event), counts),
      startWith(counts),
      finalize(() => over.next()),
    );
    const ticks$ = interval(TICK_MS, scheduler).pipe(
      filter(() => waitsIn(plan).length + limitsIn(plan).length > 0),
      map(() => counts),
      takeUntil(over),
    );
    return merge(counts$, ticks$).pipe(
      throttleLatest(ms, scheduler),
      map((counts) => partsOf(counts, plan)),
    );
  });
}

/** Changed in place: a fast run has millions of events, and only the shown states are ever read. */
class Counts implements Progress {
  failed = 0;
  readonly #total: number | null;
  readonly #pace: RunPace;
  readonly #keptFlows: KeptFlows;
  readonly #spent = new Spent();
  readonly #clock: Pick<SchedulerLike, 'now'>;
  readonly #limits: RunPlan['limits'];

  constructor({ steps, total, doneBefore = 0, limits }: RunPlan, clock: Pick<SchedulerLike, 'now'>) {
    this.#total = total;
    this.#pace = new RunPace(steps.length, doneBefore);
    this.#keptFlows = new KeptFlows({ total, doneBefore });
    this.#clock = clock;
    this.#limits = limits;
  }

  add(event: RunEvent): this {
    this.#keptFlows.add(event);
    if (event.type === 'finish') {
      if (event.status === 'failed') this.failed++;
    } else {
      this.#pace.add(event);
      if (event.record) this.#spent.add(event.record);
    }
    return this;
  }

  get finished(): number {
    return this.#keptFlows.finished;
  }

  get kept(): number {
    return this.#keptFlows.count;
  }

  get active(): readonly number[] {
    return this.#pace.present;
  }

  get spent(): string {
    return this.#spent.text;
  }

  get leftMs(): number | null {
    return this.#pace.left(this.#total, this.finished, this.#clock.now(), this.#limits?.());
  }
}

/** `draft: 1 -> codex: 0 -> summary: 1 | 12/340 (3 failed) | 1.2M tok $0.42 | eta 3m | openai waits 12 s (429)`. @param chain the steps, where they are to look otherwise */
export function progressLine(
  { steps, finished, remarks, spent, eta, waits }: ProgressParts,
  chain = steps.map(({ name, flows }) => `${name}: ${flows}`).join(' -> '),
): string {
  const counts = [finished, ...remarks].join(' ');
  return [chain, counts, ...[spent, eta].filter(Boolean), ...waits].join(' | ');
}

/** The state of a run in words, part by part. */
export function partsOf(
  { active, finished, failed, kept, spent, leftMs }: Progress,
  plan: RunPlan,
): ProgressParts {
  // With no flow under way the run has been stopped.
  const isMoving = active.some((flows) => flows > 0);
  return {
    steps: plan.steps.map((name, index) => ({ name, flows: active[index] ?? 0 })),
    finished: `${finished}/${plan.total ?? '?'}`,
    remarks: [...(kept ? [`(${kept} kept)`] : []), ...(failed > 0 ? [`(${failed} failed)`] : [])],
    spent: spent ?? '',
    eta: leftMs && isMoving ? `eta ${formatDuration(leftMs)}` : '',
    waits: heldBack(plan),
  };
}

/** A lane with a long wait shows the wait, not its rate. */
function heldBack(plan: RunPlan): string[] {
  const waits = waitsIn(plan);
  const waiting = new Set(waits.map(({ lane }) => lane));
  const limits = limitsIn(plan).filter(({ name }) => !waiting.has(name));
  return [...waits.map(waitText), ...limits.map(({ name, perSecond }) => limitText(name, perSecond))];
}

function limitsIn({ limits }: RunPlan): readonly PlanLimit[] {
  return limits?.().filter(({ heldMs }) => heldMs > HELD_MS) ?? [];
}

function waitsIn({ waits }: RunPlan): readonly LaneWait[] {
  return waits?.().filter(({ ms }) => ms === null || ms >= WORTH_TELLING_MS) ?? [];
}

/** `openai waits 12 s (429)`, `codex waits 1 h 20 min (quota)`, `openai is used up (quota)`. */
function waitText({ lane, why, ms }: LaneWait): string {
  const reason = why === 'rate_limit' ? '429' : why;
  return ms === null ? `${lane} is used up (${reason})` : `${lane} waits ${timeText(ms)} (${reason})`;
}

/** To the second, longer times to the minute. */
function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

/** `openai: limited to 20/s`; below one a second `openai: limited to 30/min`. */
function limitText(lane: string, perSecond: number): string {
  const [calls, unit] = perSecond >= 1 ? [perSecond, 's'] : [perSecond * 60, 'min'];
  return `${lane}: limited to ${Number(calls.toPrecision(2))}/${unit}`;
}
