import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, mergeMap, of } from 'rxjs';
import { type Flow, operator, type ResultRecord, run, step } from '../lib/index.js';
import { all, begun, combine, letters } from './helpers/runs.js';

describe('run, with `ordered`', () => {
  it('lets records leave in flow order and branches in branch order', async () => {
    const uneven = step('uneven', async (flow) => delay(10 - flow.index * 2, String(flow.index)));
    const twice = operator(
      'twice',
      mergeMap((flow: Flow) => of(flow, { ...flow, output: 'late' })),
    );
    const slow = step('slow', async (flow) => delay(flow.output === 'late' ? 0 : 5, flow.output));
    const { records } = await all({
      steps: [uneven, twice, slow],
      keys: { letters },
      parallel: 3,
      ordered: true,
    });
    assert.deepEqual(
      records.map(({ index, branch = [] }) => [index, ...branch]),
      [[0], [0, 1], [1], [1, 1], [2], [2, 1]],
    );
  });

  it('keeps the slot of a record that is early', async () => {
    const taken: string[] = [];
    const values = {
      *[Symbol.iterator]() {
        for (let n = 0; n < 10; n++) {
          taken.push(String(n));
          yield String(n);
        }
      },
    };
    let open = () => {};
    const first = new Promise<void>((resolve) => {
      open = resolve;
    });
    const steps = [step('first', (flow) => (flow.index === 0 ? first.then(() => '') : ''))];
    const done = all({ steps, keys: { n: { values } }, parallel: 3, ordered: true });
    await begun(() => taken.length > 0);
    assert.deepEqual(taken, ['0', '1', '2']);
    open();
    assert.equal((await done).records.length, 10);
  });
});

describe('run, with `deliver`', () => {
  it('begins no more branches than there are slots beside what is not taken yet', async () => {
    let calls = 0;
    let open = () => {};
    const reader = new Promise<void>((resolve) => {
      open = resolve;
    });
    const done = all({
      steps: [
        step('list', () => JSON.stringify(Array.from({ length: 50 }, (_, n) => n)), { array: true }),
        step('each', async ({ output }) => {
          calls++;
          return output;
        }),
      ],
      parallel: 2,
      deliver: () => reader,
    });
    await begun(() => calls > 2);
    assert.ok(calls <= 5, `${calls} calls`);
    open();
    assert.equal((await done).records.length, 50);
  });

  it('holds the slot until the record is taken', async () => {
    let pulled = 0;
    const values = {
      *[Symbol.iterator]() {
        for (; pulled < 50; ) yield String(pulled++);
      },
    };
    let delivered = 0;
    let release = () => {};
    const reader = new Promise<void>((resolve) => {
      release = resolve;
    });
    const done = all({
      steps: [combine],
      keys: { n: { values } },
      parallel: 4,
      deliver: async () => {
        delivered++;
        await reader;
      },
    });
    await begun(() => delivered > 0);
    assert.deepEqual([pulled, delivered], [4, 4]);
    release();
    assert.equal((await done).records.length, 50);
  });

  it('delivers the records of one flow one after the other', async () => {
    let delivering = 0;
    let most = 0;
    const many = step('many', () => '[1,2,3,4,5]', { array: true });
    const { records } = await all({
      steps: [many],
      deliver: async () => {
        most = Math.max(most, ++delivering);
        await delay(1);
        delivering--;
      },
    });
    assert.deepEqual([records.length, most], [5, 1]);
  });

  it('takes a sink that returns something else for one that is done', async () => {
    const taken: ResultRecord[] = [];
    // As JavaScript allows: `deliver: record => taken.push(record)`.
    const push = (record: ResultRecord): void => Object(taken.push(record));
    const { records } = await all({ steps: [combine], keys: { letters }, deliver: push });
    assert.deepEqual([records.length, taken.length], [3, 3]);
  });

  it('ends the run when it rejects', async () => {
    const { results$ } = run({ steps: [combine], deliver: () => Promise.reject(new Error('disk full')) });
    await assert.rejects(lastValueFrom(results$), /disk full/);
  });
});
