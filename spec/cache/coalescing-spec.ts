import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import { StepFailure } from '../../lib/errors.js';
import type { Flow } from '../../lib/flow/flow.js';
import { run } from '../../lib/run.js';
import type { RunOptions } from '../../lib/run-options.js';
import type { StepFunction } from '../../lib/step/step.js';
import { counted } from '../helpers/counted.js';
import { MemoryStore } from '../helpers/memory-store.js';

const all = (options: RunOptions) => lastValueFrom(run(options).results$.pipe(toArray()));

describe('shared calls', () => {
  const product = { a: { values: ['1', '2'] }, n: { values: ['x', 'y', 'z'] } };
  function onA(answer: StepFunction = ({ inputs }) => `on ${inputs.a?.value}`) {
    const made = counted('first', answer);
    const fingerprint = { ...made.step.fingerprint, dynamic: ({ inputs }: Flow) => [inputs.a?.value ?? ''] };
    return { calls: made.calls, step: { ...made.step, fingerprint, share: true } };
  }

  for (const store of [undefined, new MemoryStore()]) {
    it(`are made once for all flows that differ in nothing the step gets, ${store ? 'with' : 'without'} a store`, async () => {
      const first = onA(async ({ inputs }) => {
        await delay(5);
        return `on ${inputs.a?.value}`;
      });
      const records = await all({ steps: [first.step], keys: product, parallel: 4, ...(store && { store }) });
      assert.equal(first.calls.length, 2);
      assert.deepEqual(records.map(({ output }) => output).sort(), [
        'on 1',
        'on 1',
        'on 1',
        'on 2',
        'on 2',
        'on 2',
      ]);
      assert.equal(records.filter(({ steps }) => steps[0]?.shared).length, 4);
    });
  }

  for (const store of [undefined, new MemoryStore()]) {
    it(`are different ones of steps that are alike: samples, ${store ? 'with' : 'without'} a store`, async () => {
      let answers = 0;
      const sample = onA(() => delay(5, String(++answers)));
      const steps = [sample.step, sample.step];
      const records = await all({ steps, keys: product, parallel: 6, ...(store && { store }) });
      assert.equal(sample.calls.length, 4);
      assert.equal(records.length, 6);
    });
  }

  it('count their tokens once', async () => {
    const usage = { inputTokens: 5, cachedInputTokens: 0, outputTokens: 1, reasoningTokens: 0 };
    const first = onA((_, { tell }) => {
      tell({ usage });
      return 'x';
    });
    const records = await all({ steps: [first.step], keys: product });
    assert.equal(
      records.reduce((sum, record) => sum + record.usage.inputTokens, 0),
      10,
    );
  });

  it('fail those that waited, and are made again for those that come later', async () => {
    const first = onA(async () => {
      await delay(5);
      throw new StepFailure('server', 'no');
    });
    const records = await all({
      steps: [first.step],
      keys: { a: { values: ['1'] }, n: product.n },
      parallel: 2,
    });
    assert.deepEqual(
      records.map(({ error }) => error?.kind),
      ['server', 'server', 'server'],
    );
    assert.equal(first.calls.length, 2);
  });

  it('end for all that wait when the run is cancelled', async () => {
    const aborter = new AbortController();
    const first = onA(async (_, { signal }) => {
      setTimeout(() => aborter.abort(), 5);
      return delay(10_000, '', { signal });
    });
    const records = await all({ steps: [first.step], keys: product, parallel: 6, signal: aborter.signal });
    assert.deepEqual(new Set(records.map(({ status }) => status)), new Set(['cancelled']));
    assert.equal(records.length, 6);
  });
});
