import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type ResultRecord, type RunStep, run, step } from '../lib/index.js';
import { all, begun, combine, letters } from './helpers/runs.js';

describe('run, ending early', () => {
  it('cancels everything, silently, when the consumer unsubscribes', async () => {
    let aborted = 0;
    const stuck = step(
      'stuck',
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            aborted++;
            reject(signal.reason);
          }),
        ),
    );
    const { results$, events$ } = run({ steps: [stuck], keys: { letters }, parallel: 2 });
    const events: string[] = [];
    events$.subscribe({ next: ({ type }) => events.push(type), complete: () => events.push('complete') });
    const records: ResultRecord[] = [];
    const subscription = results$.subscribe((record) => records.push(record));
    await begun(() => events.length > 0);
    subscription.unsubscribe();
    assert.equal(aborted, 2);
    assert.deepEqual(records, []);
    assert.deepEqual(events, ['enter', 'enter', 'exit', 'exit', 'complete']);
  });

  it('lets flows in flight leave as cancelled when its signal aborts, and completes', async () => {
    const controller = new AbortController();
    let started = false;
    const stuck = step('stuck', () => {
      started = true;
      return new Promise<string>(() => {});
    });
    const done = all({
      steps: [stuck, combine],
      keys: { letters },
      parallel: 2,
      signal: controller.signal,
    });
    await begun(() => started);
    controller.abort();
    const { records, events } = await done;
    assert.deepEqual(
      records.map(({ status, error }) => [status, error?.kind, error?.step]),
      Array(2).fill(['cancelled', 'cancelled', 'stuck']),
    );
    assert.equal(events.filter(({ type }) => type === 'enter').length, 2);
    assert.equal(events.filter(({ type }) => type === 'exit').length, 2);
  });

  it('starts nothing when its signal has aborted before, and says why it stopped', async () => {
    let calls = 0;
    const counted = step('counted', () => String(++calls));
    const stops: string[] = [];
    const { records } = await all({
      steps: [counted],
      keys: { letters },
      signal: AbortSignal.abort(),
      onStop: ({ why }) => stops.push(why),
    });
    assert.deepEqual([records.length, calls, stops], [0, 0, ['interrupted']]);
  });

  it('begins nothing that waits when it is cancelled or unsubscribed', async () => {
    for (const end of ['abort', 'unsubscribe']) {
      let calls = 0;
      const stuck = step(
        'stuck',
        () => {
          calls++;
          return new Promise<string>(() => {});
        },
        { parallel: 1 },
      );
      const controller = new AbortController();
      const { results$, events$ } = run({ steps: [stuck], keys: { letters }, signal: controller.signal });
      const events: string[] = [];
      events$.subscribe(({ type }) => events.push(type));
      const records: ResultRecord[] = [];
      const subscription = results$.subscribe((record) => records.push(record));
      await begun(() => calls > 0);
      if (end === 'abort') controller.abort();
      else subscription.unsubscribe();
      await delay(5);
      assert.equal(calls, 1, end);
      assert.equal(events.filter((type) => type === 'exit').length, 3, end);
      assert.deepEqual(
        records.map(({ steps }) => steps[0]?.attempts).sort(),
        end === 'abort' ? [0, 0, 1] : [],
      );
    }
  });

  it('tries nothing again once it is cancelled', async () => {
    const controller = new AbortController();
    let calls = 0;
    const stubborn: RunStep = {
      ...step('stubborn', async (_, { signal }) => {
        calls++;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        setTimeout(() => controller.abort(), 1);
        return delay(5).then(() => Promise.reject(signal.reason));
      }),
      timeout: 0.01,
      retries: 3,
      settles: true,
    };
    const { records } = await all({ steps: [stubborn], signal: controller.signal });
    assert.equal(calls, 1);
    assert.equal(records[0]?.status, 'cancelled');
  });

  it('ends quickly when it is cancelled while it is being prepared', async () => {
    const controller = new AbortController();
    const done = all({ steps: [combine], keys: { letters }, signal: controller.signal });
    controller.abort();
    assert.deepEqual((await done).records, []);
  });
});
