import type { Observable } from 'rxjs';
import type { RunEvent } from '../flow/events.js';
import { type FlowCounts, noFlows } from '../flow/flow.js';

/** Counts while it is subscribed to the events. */
export function tallyOf(events$: Observable<RunEvent>): FlowCounts {
  const counts = noFlows();
  events$.subscribe((event) => {
    if (event.type === 'finish') counts[event.status]++;
  });
  return counts;
}
