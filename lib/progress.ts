import { defer, map, type Observable, type SchedulerLike, scan, startWith } from 'rxjs';
import type { RunEvent } from './events.js';
import { throttleLatest } from './operators/throttle-latest.js';

/** What a run is about to do; known before its first flow. */
export interface RunPlan {
  /** Names of the steps, in order. */
  readonly steps: readonly string[];
  /** How many flows there will be; null when a key's values can't be counted beforehand. */
  readonly total: number | null;
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

/** The events of a run as one line, at most one each `ms`, the last one at once. */
export function progressLines(
  events$: Observable<RunEvent>,
  plan: RunPlan,
  ms: number,
  scheduler?: SchedulerLike,
): Observable<string> {
  return defer(() => {
    const counts = new Counts(plan.steps.length);
    return events$.pipe(
      scan((counts, event) => counts.add(event), counts),
      startWith(counts),
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

/** `draft: 1 -> codex: 0 -> summary: 1 | 12/340 (3 failed)` */
export function formatProgress({ active, finished, failed }: Progress, { steps, total }: RunPlan): string {
  const chain = steps.map((name, index) => `${name}: ${active[index] ?? 0}`).join(' -> ');
  const failures = failed > 0 ? ` (${failed} failed)` : '';
  return `${chain} | ${finished}/${total ?? '?'}${failures}`;
}
