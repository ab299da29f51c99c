import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import { StepFailure } from '../lib/errors.js';
import { run } from '../lib/run.js';
import type { RunOptions } from '../lib/run-options.js';
import { step } from '../lib/step/step.js';

const all = (options: RunOptions) => lastValueFrom(run(options).results$.pipe(toArray()));

describe('stopping', () => {
  it('ends with the error of an onStop that throws, once flows in flight have left', async () => {
    const records: string[] = [];
    const running = all({
      steps: [step('bad', () => Promise.reject(new StepFailure('server', 'no')))],
      keys: { n: { values: ['1', '2'] } },
      parallel: 1,
      maxFailures: 1,
      deliver: ({ status }) => void records.push(status),
      onStop: () => {
        throw new Error('not told');
      },
    });
    await assert.rejects(running, { message: 'not told' });
    assert.deepEqual(records, ['failed']);
  });

  const many = { n: { values: Array.from({ length: 50 }, (_, n) => String(n)) } };

  it('admits no more flows when it is drained; those in flight finish', async () => {
    const drain = new AbortController();
    let calls = 0;
    const counting = step('counting', async () => {
      if (++calls === 5) drain.abort();
      return delay(10, 'ok');
    });
    const stops: string[] = [];
    const records = await all({
      steps: [counting],
      keys: many,
      parallel: 3,
      drain: drain.signal,
      onStop: ({ why }) => void stops.push(why),
    });
    assert.ok(records.length >= 5 && records.length <= 8, String(records.length));
    assert.ok(records.every(({ status }) => status === 'done'));
    assert.deepEqual(stops, ['interrupted']);
  });

  it('rounds a share of failures up to whole flows', async () => {
    const bad = step('bad', async () => {
      throw new StepFailure('server', 'no');
    });
    const stops: string[] = [];
    const onStop = ({ message }: { readonly message: string }) => void stops.push(message);
    await all({ steps: [bad], keys: many, parallel: 1, maxFailures: '5%', onStop });
    assert.deepEqual(stops, ['3 flows have failed, of at most 5%']);
  });

  for (const [maxFailures, most] of [
    [3, 4],
    ['10%', 6],
  ] as const) {
    it(`admits no more flows after ${maxFailures} have failed`, async () => {
      const bad = step('bad', async () => {
        throw new StepFailure('server', 'no');
      });
      const stops: string[] = [];
      const records = await all({
        steps: [bad],
        keys: many,
        parallel: 2,
        maxFailures,
        onStop: ({ why }) => void stops.push(why),
      });
      assert.ok(records.length <= most, String(records.length));
      assert.deepEqual(stops, ['failures']);
    });
  }
});
