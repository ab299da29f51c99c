import { map, type Observable, type SchedulerLike, scan, startWith } from 'rxjs';
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
  const idle: Progress = { active: plan.steps.map(() => 0), finished: 0, failed: 0 };
  return events$.pipe(
    scan(advance, idle),
    startWith(idle),
    throttleLatest(ms, scheduler),
    map((progress) => formatProgress(progress, plan)),
  );
}

function advance(progress: Progress, event: RunEvent): Progress {
  if (event.type === 'finish') {
    const failed = progress.failed + (event.status === 'failed' ? 1 : 0);
    return { active: progress.active, finished: progress.finished + 1, failed };
  }
  const active = progress.active.slice();
  active[event.index] = (active[event.index] ?? 0) + (event.type === 'enter' ? 1 : -1);
  return { active, finished: progress.finished, failed: progress.failed };
}

/** `draft: 1 -> codex: 0 -> summary: 1 | 12/340 (3 failed)` */
export function formatProgress({ active, finished, failed }: Progress, { steps, total }: RunPlan): string {
  const chain = steps.map((name, index) => `${name}: ${active[index] ?? 0}`).join(' -> ');
  const failures = failed > 0 ? ` (${failed} failed)` : '';
  return `${chain} | ${finished}/${total ?? '?'}${failures}`;
}
