import {
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

/** What a run is about to do; known before its first flow. */
export interface RunPlan {
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** How many flows there will be; null when a key's values can't be counted beforehand. */
  readonly total: number | null;
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
  scheduler?: SchedulerLike,
): Observable<string> {
  return defer(() => {
    const counts = new Counts(plan.steps.length);
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
  readonly active: number[];
  finished = 0;
  failed = 0;

  constructor(steps: number) {
    this.active = Array<number>(steps).fill(0);
  }

  add(event: RunEvent): this {
    if (event.type === 'finish') {
      this.finished++;
      if (event.status === 'failed') this.failed++;
    } else {
      const active = this.active[event.index] ?? 0;
      this.active[event.index] = event.type === 'enter' ? active + 1 : active - 1;
    }
    return this;
  }
}

/** `draft: 1 -> codex: 0 -> summary: 1 | 12/340 (3 failed) | openai waits 12 s (429)` */
export function formatProgress({ active, finished, failed }: Progress, plan: RunPlan): string {
  const { steps, total } = plan;
  const chain = steps.map((name, index) => `${name}: ${active[index] ?? 0}`).join(' -> ');
  const failures = failed > 0 ? ` (${failed} failed)` : '';
  const waits = waitsIn(plan).map((wait) => ` | ${waitText(wait)}`);
  return `${chain} | ${finished}/${total ?? '?'}${failures}${waits.join('')}`;
}

function waitsIn({ waits }: RunPlan): readonly LaneWait[] {
  return waits?.().filter(({ ms }) => ms === null || ms >= WORTH_TELLING_MS) ?? [];
}
