import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import { type Flow, type RunEvent, type RunOptions, run, step } from '../../lib/index.js';
import { until } from './program.js';

/** Runs to the end: the records and the events. */
export async function all(options: RunOptions) {
  const { results$, events$ } = run(options);
  const events: RunEvent[] = [];
  let completed = false;
  events$.subscribe({
    next: (event) => events.push(event),
    complete: () => {
      completed = true;
    },
  });
  const records = await lastValueFrom(results$.pipe(toArray()));
  assert.ok(completed, 'events$ completes with results$');
  return { records, events };
}

export const letters = { values: ['a', 'b', 'c'] };
export const digits = { values: ['0', '1'] };

/** Puts out the values of its flow's keys. */
export const combine = step('combine', async (flow) =>
  Object.values(flow.inputs)
    .map(({ value }) => value)
    .join(''),
);

/** Work of a millisecond, and how many did it at once at most. */
export function crowd() {
  let active = 0;
  const crowd = {
    most: 0,
    run: async ({ output }: Flow) => {
      crowd.most = Math.max(crowd.most, ++active);
      await delay(1);
      active--;
      return output;
    },
  };
  return crowd;
}

/** The run is under way, and has had time for what it must not do. */
export async function begun(isSo: () => boolean): Promise<void> {
  await until('it has begun', isSo);
  await delay(10);
}
