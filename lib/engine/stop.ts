import { filter, type Observable, type Subscription } from 'rxjs';
import type { Engine } from '../context/run-context.js';
import type { MaxFailures } from '../context/stop.js';
import type { RunEvent } from '../flow/events.js';
import type { ExhaustedLane } from '../lanes/lanes.js';
import type { Source } from './source.js';

/** Stops the engine when too many flows have failed. */
export function stopAtFailures(
  limit: MaxFailures,
  total: number | null,
  events$: Observable<RunEvent>,
  engine: Engine,
): Subscription {
  const most = typeof limit === 'number' ? limit : shareOf(total, Number.parseFloat(limit));
  let failed = 0;
  return events$
    .pipe(filter((event) => event.type === 'finish' && event.status === 'failed'))
    .subscribe(() => {
      failed++;
      if (failed < most) return;
      const flows = failed === 1 ? 'flow has' : 'flows have';
      engine.stop({ why: 'failures', message: `${failed} ${flows} failed, of at most ${limit}` });
    });
}

/**
 * Stops the engine when a lane is of no use any more, unless the flow that found it out is the last one: then nothing is
 * held back. What is in flight goes on, in other lanes as well.
 */
export function stopAtExhaustion(
  exhausted$: Observable<ExhaustedLane>,
  source: Source,
  engine: Engine,
): Subscription {
  return exhausted$.subscribe(({ lane, failure }) => {
    if (!source.hasMore && engine.inFlight.size <= 1) return;
    engine.stop({ why: 'limit', message: `${lane} lets nothing through any more: ${failure.message}` });
  });
}

/** Nobody knows the share of an unknown number: then it is that of a hundred. */
function shareOf(total: number | null, percent: number): number {
  return Math.max(1, Math.ceil(((total ?? 100) * percent) / 100));
}
