import { VirtualTimeScheduler } from 'rxjs';
import type { Clock } from '../../lib/lanes/clock.js';

/** A clock that only goes on when it is told to; looking at it takes a moment, as with real ones. */
export interface VirtualClock extends Clock {
  /** Until nothing is waiting for a time any more. */
  run(): void;
}

const EPOCH = Date.UTC(2026, 0, 1);

/** @param lookMs how long it takes to look at it */
export function virtualClock(lookMs = 1e-6): VirtualClock {
  const scheduler = new VirtualTimeScheduler();
  let looks = 0;
  const now = () => scheduler.now() + ++looks * lookMs;
  return {
    now,
    date: () => EPOCH + now(),
    after(ms, work) {
      const action = scheduler.schedule(work, ms);
      return () => action.unsubscribe();
    },
    run: () => scheduler.flush(),
  };
}
