import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { lastValueFrom, Observable } from 'rxjs';
import { progressLines, type ResultRecord, run, step } from '../lib/index.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const PARALLEL = 100;
const steps = ['a', 'b', 'c'].map((name) => step(name, async ({ output }) => output + name));

/** Sends `count` flows through three function steps, with progress on, as the command does. */
async function send(count: number, onRecord: (record: ResultRecord, done: number) => void = () => {}) {
  let done = 0;
  let taken = 0;
  let most = 0;
  const values = {
    *[Symbol.iterator]() {
      while (taken < count) {
        most = Math.max(most, ++taken - done);
        yield String(taken);
      }
    },
  };
  const { results$, events$ } = run({
    steps,
    keys: { n: { values } },
    parallel: PARALLEL,
    onStart: (plan) => progressLines(events$, plan, 100).subscribe(),
    deliver: (record) => onRecord(record, ++done),
  });
  await lastValueFrom(results$);
  assert.equal(done, count);
  return { most };
}

describe('a run of many flows', () => {
  it('never takes more flows than `parallel` beyond those that are done', async () => {
    const { most } = await send(20_000);
    assert.equal(most, PARALLEL);
  });

  it('keeps nothing of a flow that is done', async () => {
    const heap = new Map<number, number>();
    await send(100_000, (_, done) => {
      if (done !== 10_000 && done !== 100_000) return;
      collectGarbage();
      heap.set(done, process.memoryUsage().heapUsed);
    });
    const kept = ((heap.get(100_000) ?? 0) - (heap.get(10_000) ?? 0)) / 90_000;
    // Values that nobody counted beforehand are remembered by a fingerprint, to tell repeats: 16 to 32 bytes, off the heap.
    assert.ok(kept < 4, `${kept.toFixed(1)} bytes of each flow are kept`);
  });

  it('makes no timers for its flows, and few observables', async () => {
    let timers = 0;
    const hook = createHook({
      init: (_, type) => {
        if (type === 'Timeout' || type === 'Immediate') timers++;
      },
    }).enable();
    let subscriptions = 0;
    const { subscribe } = Observable.prototype;
    Observable.prototype.subscribe = function (this: Observable<unknown>, ...args: []) {
      subscriptions++;
      return subscribe.apply(this, args);
    };
    const count = 10_000;
    await send(count).finally(() => {
      Observable.prototype.subscribe = subscribe;
      hook.disable();
    });
    assert.ok(timers < count / 20, `${timers} timers for ${count} flows`);
    assert.ok(subscriptions / count < 6, `${subscriptions / count} subscriptions a flow`);
  });
});
