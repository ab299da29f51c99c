import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { from, lastValueFrom, map, mergeMap, toArray } from 'rxjs';
import { StepFailure } from '../../lib/errors.js';
import type { Flow } from '../../lib/flow/flow.js';
import { run } from '../../lib/run.js';
import type { RunOptions } from '../../lib/run-options.js';
import { operator, step } from '../../lib/step/step.js';
import type { Store } from '../../lib/store/contract.js';
import { markOf } from '../../lib/store/marks.js';
import { counted } from '../helpers/counted.js';
import { MemoryStore } from '../helpers/memory-store.js';
import { until } from '../helpers/program.js';
import { begun } from '../helpers/runs.js';

const all = (options: RunOptions) => lastValueFrom(run(options).results$.pipe(toArray()));

const keys = { n: { values: ['1', '2', '3'] } };

describe('a run with a store', () => {
  it('makes no call again that an earlier attempt has made', async () => {
    const store = new MemoryStore();
    const [a, b] = [counted('a'), counted('b')];
    const first = await all({ steps: [a.step, b.step], keys, store });
    const again = await all({ steps: [a.step, b.step], keys, store });
    assert.deepEqual([a.calls.length, b.calls.length], [3, 3]);
    assert.deepEqual(
      again.map(({ flow, output, steps }) => [flow, output, steps.map(({ replayed }) => replayed)]),
      first.map(({ flow, output }) => [flow, output, [true, true]]),
    );
    assert.deepEqual(again[0]?.steps[0]?.startedAt, first[0]?.steps[0]?.startedAt);
  });

  it('runs a changed step and those after it, and no other', async () => {
    const store = new MemoryStore();
    const [a, b, c] = [counted('a'), counted('b'), counted('c')];
    await all({ steps: [a.step, b.step, c.step], keys, store });
    const changed = counted('b', ({ output }) => `B(${output})`);
    await all({ steps: [a.step, changed.step, c.step], keys, store });
    assert.deepEqual([a.calls.length, b.calls.length, changed.calls.length, c.calls.length], [3, 3, 3, 6]);
  });

  it('goes on as before where a changed step brings the same', async () => {
    const store = new MemoryStore();
    const [a, b] = [counted('a', () => 'same'), counted('b')];
    await all({ steps: [a.step, b.step], keys, store });
    await all({ steps: [counted('a', () => 'sam' + 'e').step, b.step], keys, store });
    assert.equal(b.calls.length, 3);
  });

  it('begins with unfinished flows, unless records have to be in order', async () => {
    const store = new MemoryStore();
    const a = counted('a');
    await all({ steps: [a.step], keys: { n: { values: ['1', '2'] } }, store });
    const done = store.flows.map(({ inputs }) => markOf(Object.entries(inputs)));
    store.wasDone = (mark) => done.includes(mark) || undefined;
    const indexes = async (more: Partial<RunOptions>) =>
      (await all({ steps: [a.step], keys, store, ...more })).map(({ index }) => index);
    assert.deepEqual(await indexes({ ordered: true }), [0, 1, 2]);
    assert.deepEqual(await indexes({ parallel: 1 }), [2, 0, 1]);
    assert.equal(a.calls.length, 3);
  });

  it('begins with new flows, then with failed ones', async () => {
    const store = new MemoryStore();
    const a = counted('a', ({ inputs }) => {
      if (inputs.n?.value === '1') throw new StepFailure('auth', 'no');
      return 'fine';
    });
    await all({ steps: [a.step], keys: { n: { values: ['1', '2'] } }, store });
    const ends = new Map(
      store.flows.map(({ inputs, status }) => [markOf(Object.entries(inputs)), status === 'done']),
    );
    store.wasDone = (mark) => ends.get(mark);
    const records = await all({ steps: [a.step], keys, store, parallel: 1 });
    assert.deepEqual(
      records.map(({ index }) => index),
      [2, 0, 1],
    );
  });

  it('tries failed flows again from the step that failed', async () => {
    const store = new MemoryStore();
    let fails = true;
    const a = counted('a');
    const b = counted('b', ({ output, inputs }) => {
      if (fails && inputs.n?.value === '2') throw new StepFailure('server', 'no');
      return output;
    });
    await all({ steps: [a.step, b.step], keys, store });
    fails = false;
    const records = await all({ steps: [a.step, b.step], keys, store });
    assert.deepEqual([a.calls.length, b.calls.length], [3, 4]);
    assert.deepEqual(
      records.map(({ status }) => status),
      ['done', 'done', 'done'],
    );
  });

  it('runs only new flows', async () => {
    const store = new MemoryStore();
    const a = counted('a');
    await all({ steps: [a.step], keys: { n: { values: ['1', '2'] } }, store });
    await all({ steps: [a.step], keys: { n: { values: ['2', '3', '1'] } }, store });
    assert.deepEqual(a.calls, ['1:', '2:', '3:']);
  });

  it('replays branches, and goes on from each', async () => {
    const store = new MemoryStore();
    const list = counted('list', () => '["x","y"]');
    const b = counted('b');
    const steps = [{ ...list.step, array: true }, b.step];
    const first = await all({ steps, keys, store });
    const again = await all({ steps, keys, store });
    assert.deepEqual([list.calls.length, b.calls.length], [3, 6]);
    const told = (records: typeof first) => records.map(({ flow, branch, output }) => [flow, branch, output]);
    assert.deepEqual(told(again), told(first));
  });

  it('replays what operators between the steps make of flows', async () => {
    const store = new MemoryStore();
    const [a, b] = [counted('a'), counted('b')];
    const twice = operator(
      'twice',
      mergeMap((flow: Flow) => from([flow, { ...flow, output: `${flow.output}!` }])),
    );
    const steps = [a.step, twice, b.step];
    await all({ steps, keys, store });
    await all({ steps, keys, store });
    assert.deepEqual([a.calls.length, b.calls.length], [3, 6]);
  });

  it('never replays a step that nothing is known of', async () => {
    const store = new MemoryStore();
    let calls = 0;
    const bound = step(
      'bound',
      (() => {
        calls++;
        return '';
      }).bind(null),
    );
    await all({ steps: [bound], keys, store });
    await all({ steps: [bound], keys, store });
    assert.equal(calls, 6);
  });

  it('keeps how each flow ended, with what is not kept elsewhere, and how the run did', async () => {
    const store = new MemoryStore();
    const a = counted('a');
    const bad = step('bad', () => {
      throw new StepFailure('server', 'no');
    });
    const steps = [a.step, bad];
    await all({ steps, keys: { n: { values: ['1'] } }, store });
    const [flow] = store.flows;
    assert.equal(flow?.status, 'failed');
    assert.deepEqual(
      flow?.steps.map((step) => 'key' in step),
      [true, false],
    );
    assert.deepEqual(store.ended, {
      how: 'completed',
      flows: { done: 0, failed: 1, cancelled: 0, dropped: 0 },
      inputs: {},
    });
  });

  it('leaves an output to the last step unless an operator comes after it', async () => {
    const store = new MemoryStore();
    const a = counted('a');
    await all({ steps: [a.step], keys: { n: { values: ['1'] } }, store });
    await all({
      steps: [a.step, map((flow: Flow) => ({ ...flow, output: 'x' }))],
      keys: { n: { values: ['1'] } },
      store,
    });
    assert.deepEqual(
      store.flows.map(({ output }) => output),
      [undefined, 'x'],
    );
  });

  it('holds the slots of flows that have ended until the store keeps up', async () => {
    const store = new MemoryStore();
    let catchUp = () => {};
    const disk = new Promise<void>((resolve) => {
      catchUp = resolve;
    });
    store.ready = () => disk;
    const a = counted('a');
    const running = all({ steps: [a.step], keys: { n: { values: [...'123456'] } }, store, parallel: 2 });
    await begun(() => a.calls.length > 0);
    assert.equal(a.calls.length, 2);
    catchUp();
    assert.equal((await running).length, 6);
  });

  it('holds them until the reader has taken the records, too, while the disk lags behind', async () => {
    const store = new MemoryStore();
    store.ready = () => Promise.resolve();
    let [delivering, most] = [0, 0];
    const running = all({
      steps: [counted('a').step],
      keys: { n: { values: [...'123456'] } },
      store,
      parallel: 2,
      deliver: async () => {
        most = Math.max(most, ++delivering);
        await delay(5);
        delivering--;
      },
    });
    assert.equal((await running).length, 6);
    assert.deepEqual([most, delivering], [2, 0]);
  });

  it('ends with the error when nothing can be stored any more; flows in flight are cancelled', async () => {
    const store = new MemoryStore();
    const records: string[] = [];
    const slow = step('slow', async (_, { signal }) => {
      setTimeout(() => store.break(new Error('disk full')), 5);
      await delay(10_000, undefined, { signal });
      return '';
    });
    const running = all({
      steps: [slow],
      keys,
      store,
      parallel: 2,
      deliver: ({ status }) => void records.push(status),
    });
    await assert.rejects(running, { message: 'disk full' });
    assert.deepEqual(records, ['cancelled', 'cancelled']);
  });

  for (const method of ['find', 'saveStep', 'saveFlow', 'ready', 'close'] as const) {
    it(`ends with the error when its ${method} throws, and closes it`, async () => {
      let closed = 0;
      const store: Store = Object.assign(new MemoryStore(), {
        close: async () => void closed++,
        [method]: () => {
          if (method === 'close') closed++;
          throw new Error('the database is locked');
        },
      });
      await assert.rejects(all({ steps: [counted('a').step, counted('b').step], keys, store }), {
        message: 'the database is locked',
      });
      assert.equal(closed, 1);
    });
  }

  it('replays finished flows of values that can be iterated only once', async () => {
    const store = new MemoryStore();
    const values = () => ({
      values: (function* () {
        yield* '123';
      })(),
    });
    const a = counted('a');
    await all({ steps: [a.step], keys: { n: values() }, store });
    store.wasDone = () => true;
    const again = await all({ steps: [a.step], keys: { n: values() }, store });
    assert.deepEqual([again.length, a.calls.length], [3, 3]);
  });

  it('closes one that was still opening when the consumer unsubscribed, or whose run never began', async () => {
    const stores = [new MemoryStore(), new MemoryStore()] as const;
    const steps = [counted('a').step];
    let opened = () => {};
    const store = () => new Promise<Store>((resolve) => (opened = () => resolve(stores[0])));
    const idle = opened;
    const listening = run({ steps, keys, store }).results$.subscribe();
    await begun(() => opened !== idle);
    listening.unsubscribe();
    opened();
    const onStart = () => {
      throw new Error('no');
    };
    await assert.rejects(all({ steps, keys, store: stores[1], onStart }), { message: 'no' });
    for (const store of stores) {
      await until('it is closed', () => store.ended !== undefined);
      assert.deepEqual(store.ended, {
        how: 'broken off',
        flows: { done: 0, failed: 0, cancelled: 0, dropped: 0 },
        inputs: {},
      });
    }
  });
});
