import type { Observable } from 'rxjs';
import type { RunEvent } from '../events.js';
import type { FlowStatus } from '../record.js';

/** How many flows have ended, and how. */
type FlowCounts = Readonly<Record<FlowStatus, number>>;

/** Counts while it is subscribed to the events. */
export function tallyOf(events$: Observable<RunEvent>): FlowCounts {
  const counts = { done: 0, failed: 0, cancelled: 0, dropped: 0 };
  events$.subscribe((event) => {
    if (event.type === 'finish') counts[event.status]++;
  });
  return counts;
}
