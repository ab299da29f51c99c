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
import type { RunEvent } from './events.js';
import type { LaneWait } from './lanes/lanes.js';
import { waitText } from './lanes/wait-text.js';
import { throttleLatest } from './operators/throttle-latest.js';
import { formatDuration } from './statistics/durations.js';
import { RunPace } from './statistics/run-pace.js';
import { Spent } from './statistics/spent.js';

/** What a run is about to do; known before its first flow. */
export interface RunPlan {
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** How many flows there will be; null when a key's values can't be counted beforehand. */
  readonly total: number | null;
  /** How many of them have only to be replayed, after the others. Default: none. */
  readonly doneBefore?: number;
  /** What holds calls back at the moment. Default: nothing. */
  readonly waits?: () => readonly LaneWait[];
}

/** How many flows are where. */
export interface Progress {
  /** Flows and branches now at each step, waiting for it or in it. */
  readonly active: readonly number[];
  /** Flows that ended, with all their branches. */
  readonly finished: number;
  /** How many of those failed. */
  readonly failed: number;
  /** What calls used, in words. Default: nothing. */
  readonly spent?: string;
  /** Milliseconds that are left; null where nobody knows. Default: null. */
  readonly leftMs?: number | null;
}

/** Waits are counted down. */
const TICK_MS = 1000;
/** Shorter waits come and go: nobody could read them. */
const WORTH_TELLING_MS = 1000;

/** The events of a run as one line, at most one each `ms`, the last one at once. */
export function progressLines(
  events$: Observable<RunEvent>,
  plan: RunPlan,
  ms: number,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<string> {
  return defer(() => {
    const counts = new Counts(plan, scheduler);
    const over = new Subject<void>();
    const counts$ = events$.pipe(
      scan((counts, event) => counts.add(event), counts),
      startWith(counts),
      finalize(() => over.next()),
    );
    const ticks$ = interval(TICK_MS, scheduler).pipe(
      filter(() => waitsIn(plan).length > 0),
      map(() => counts),
      takeUntil(over),
    );
    return merge(counts$, ticks$).pipe(
      throttleLatest(ms, scheduler),
      map((counts) => formatProgress(counts, plan)),
    );
  });
}

/** Changed in place: a fast run has millions of events, and only what is shown is ever looked at. */
class Counts implements Progress {
  finished = 0;
  failed = 0;
  readonly #total: number | null;
  readonly #pace: RunPace;
  readonly #spent = new Spent();
  readonly #clock: Pick<SchedulerLike, 'now'>;

  constructor({ steps, total, doneBefore = 0 }: RunPlan, clock: Pick<SchedulerLike, 'now'>) {
    this.#total = total;
    this.#pace = new RunPace(steps.length, doneBefore);
    this.#clock = clock;
  }

  add(event: RunEvent): this {
    if (event.type === 'finish') {
      this.finished++;
      if (event.status === 'failed') this.failed++;
    } else {
      this.#pace.add(event);
      if (event.record) this.#spent.add(event.record);
    }
    return this;
  }

  get active(): readonly number[] {
    return this.#pace.present;
  }

  get spent(): string {
    return this.#spent.text;
  }

  get leftMs(): number | null {
    return this.#pace.left(this.#total, this.finished, this.#clock.now());
  }
}

/** `draft: 1 -> codex: 0 -> summary: 1 | 12/340 (3 failed) | 1.2M tok $0.42 | eta 3m | openai waits 12 s (429)` */
export function formatProgress({ active, finished, failed, spent, leftMs }: Progress, plan: RunPlan): string {
  const { steps, total } = plan;
  const chain = steps.map((name, index) => `${name}: ${active[index] ?? 0}`).join(' -> ');
  // Where nothing is under way any more the run has been stopped.
  const isMoving = active.some((flows) => flows > 0);
  const failures = failed > 0 ? ` (${failed} failed)` : '';
  const parts = [
    `${chain} | ${finished}/${total ?? '?'}${failures}`,
    ...(spent ? [spent] : []),
    ...(leftMs && isMoving ? [`eta ${formatDuration(leftMs)}`] : []),
    ...waitsIn(plan).map(waitText),
  ];
  return parts.join(' | ');
}

function waitsIn({ waits }: RunPlan): readonly LaneWait[] {
  return waits?.().filter(({ ms }) => ms === null || ms >= WORTH_TELLING_MS) ?? [];
}
