import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { lastValueFrom, toArray } from 'rxjs';
import type { Stop } from '../../lib/context/stop.js';
import { StepFailure } from '../../lib/errors.js';
import {
  createRunStore,
  type Flow,
  openRunStore,
  type Pricing,
  type ResultRecord,
  type RunOptions,
  type RunStep,
  run,
  step,
  type Usage,
} from '../../lib/index.js';
import { spentIn } from '../../lib/store/spent.js';
import { folderWith } from '../helpers/folder.js';
import { until } from '../helpers/program.js';

function tokens(count: number): Usage {
  return { inputTokens: count, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
}

/** A token is a dollar. */
function pricing(expected: number | (() => number)): Pricing {
  return {
    isGuess: false,
    expect: () => tokens(typeof expected === 'number' ? expected : expected()),
    learn: () => {},
    costOf: ({ inputTokens }) => inputTokens,
  };
}

/** A step that asks a model. */
function model(name: string, used: number, expected: Parameters<typeof pricing>[0] = used): RunStep {
  const asking = step(name, async (flow, { tell }) => {
    await delay(1);
    tell({ usage: tokens(used) });
    return `${flow.output}${name}`;
  });
  return { ...asking, pricing: pricing(expected) };
}

const ten = { n: { values: [...'0123456789'] } };

async function all(options: RunOptions) {
  const stops: Stop[] = [];
  const { results$ } = run({ ...options, onStop: (stop) => stops.push(stop) });
  const records = await lastValueFrom(results$.pipe(toArray()));
  return { records, stops, done: records.filter(({ status }) => status === 'done') };
}

/** How many flows were not replayed. */
function bought(records: readonly ResultRecord[]): number {
  return records.filter(({ status, steps }) => status === 'done' && !steps[0]?.replayed).length;
}

function costOf(records: readonly ResultRecord[]): number {
  return records.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
}

describe('a run with a budget', () => {
  it('spends it to the last dollar, and stops', async () => {
    const { records, done, stops } = await all({ steps: [model('ask', 2)], keys: ten, maxCost: 6 });
    assert.equal(done.length, 3);
    assert.equal(costOf(records), 6);
    assert.deepEqual(
      stops.map(({ why }) => why),
      ['budget'],
    );
    assert.ok(records.length < 10, 'no more flows are admitted');
  });

  it('cancels the flow that it has no money for, and says the way out', async () => {
    const { records } = await all({ steps: [model('draft', 2), model('ask', 2)], keys: ten, maxCost: 3 });
    const [refused] = records.filter(({ status }) => status === 'cancelled');
    assert.equal(refused?.error?.step, 'draft');
    assert.equal(refused?.error?.kind, 'cancelled');
    assert.match(refused?.error?.message ?? '', /\$2\.00 of \$3\.00 spent, and a call of draft .* \$2\.00/);
    assert.match(refused?.error?.hint ?? '', /Raise --max-cost/);
  });

  it('says that it assumes where no call has told more', async () => {
    const asking = { ...model('ask', 2), pricing: { ...pricing(2), isGuess: true } };
    const { records } = await all({ steps: [asking], keys: ten, maxCost: 1 });
    assert.match(
      records[0]?.error?.message ?? '',
      /\$0\.00 of \$1\.00 spent, and a first call of ask for flow \w+ \(n 0\) is assumed/,
    );
    assert.match(records[0]?.error?.hint ?? '', /`request`/);
  });

  /** Calls that are expected to use what their flow's value says, and do. */
  function sized(name: string): RunStep {
    const size = ({ inputs }: Pick<Flow, 'inputs'>) => Number(inputs.n?.value);
    const asking = step(name, async (flow, { tell }) => {
      await delay(1);
      tell({ usage: tokens(size(flow)) });
      return '';
    });
    return { ...asking, pricing: { ...pricing(0), expect: (flow) => tokens(size(flow)) } };
  }

  for (const ordered of [false, true])
    it(`leaves out one call that doesn't fit, and goes on with all others${ordered ? ', in order, too' : ''}`, async () => {
      const keys = { n: { values: ['1', '2', '900', '3', '1', '901', '2'] } };
      const { records, done, stops } = await all({
        steps: [sized('ask')],
        keys,
        parallel: 2,
        maxCost: 9,
        ordered,
      });
      assert.deepEqual([records.length, done.length, costOf(records)], [7, 5, 9]);
      const left = records.filter(({ status }) => status === 'cancelled');
      assert.deepEqual(left.map(({ index }) => index).sort(), [2, 5]);
      assert.match(
        left[0]?.error?.message ?? '',
        /budget.* for flow \w{16} \(n 90[01]\) is expected to use \$90[01]\.00$/,
      );
      assert.deepEqual(
        stops.map(({ why, isLast }) => [why, isLast]),
        [['budget', true]],
      );
      assert.match(
        stops[0]?.balance?.() ?? '',
        /^\$9\.00 of \$9\.00 spent; 2 calls didn't fit, the dearest: a call of ask for flow \w+ \(n 901\) .*; to go on, raise --max-cost$/,
      );
    });

  it('ends as soon as no remaining call fits: flows never started leave no record', async () => {
    const values = Array.from({ length: 1000 }, (_, n) => `${n < 3 ? 2 : 5 + n}`);
    const { records, done, stops } = await all({
      steps: [sized('ask')],
      keys: { n: { values } },
      maxCost: 10,
    });
    assert.equal(done.length, 3);
    assert.ok(records.length <= 3 + 4, `${records.length} records`);
    assert.match(
      stops[0]?.message ?? '',
      /^\$\d\.00 of \$10\.00 spent, and nothing that is left fits: a call of ask /,
    );
  });

  it('finds a flow that fits behind a thousand that don’t', async () => {
    const values = [...Array.from({ length: 1000 }, () => '50'), '3', '4'];
    const { done } = await all({ steps: [sized('ask')], keys: { n: { values } }, maxCost: 7 });
    assert.deepEqual(done.map(({ index }) => index).sort(), [1000, 1001]);
  });

  it('looks at all the calls of a flow before it goes on: half a flow isn’t bought', async () => {
    const expect = ({ index }: Flow) => tokens(index === 1 ? 1000 : 3);
    const draft = { ...model('draft', 3), pricing: { ...pricing(0), expect } };
    const { records } = await all({ steps: [draft, model('judge', 3)], keys: ten, parallel: 1, maxCost: 10 });
    assert.deepEqual([costOf(records), records.length], [6, 2]);
  });

  it('ends after a hundred refusals in a row where it can’t look ahead', async () => {
    function* endless(): Generator<string> {
      yield '1';
      for (;;) yield '50';
    }
    const values = { [Symbol.iterator]: endless };
    const { records, done } = await all({ steps: [sized('ask')], keys: { n: { values } }, maxCost: 10 });
    assert.equal(done.length, 1);
    assert.ok(records.length > 50 && records.length < 150, `${records.length}`);
  });

  it('leaves out the one branch that doesn’t fit', async () => {
    const list = step('list', () => '["1","90","2"]', { array: true });
    const asking = {
      ...sized('ask'),
      pricing: { ...pricing(0), expect: (flow: Flow) => tokens(Number(flow.output)) },
    };
    const { records } = await all({ steps: [list, asking], keys: { n: { values: ['1'] } }, maxCost: 5 });
    assert.deepEqual(records.map(({ branch, status }) => [branch?.[0], status]).sort(), [
      [0, 'done'],
      [1, 'cancelled'],
      [2, 'done'],
    ]);
  });

  it('runs only the flows left out when it is resumed with a larger budget', async () => {
    const options = { steps: [sized('ask')], keys: { n: { values: ['1', '30', '2', '40'] } } };
    const store = await createRunStore(folderWith(), {});
    const first = await all({ ...options, maxCost: 10, store });
    assert.equal(first.done.length, 2);
    const same = await all({ ...options, maxCost: 10, store: await openRunStore(store.folder, {}) });
    assert.deepEqual([same.done.length, bought(same.records), same.stops.length], [2, 0, 1]);
    const more = await all({ ...options, maxCost: 35, store: await openRunStore(store.folder, {}) });
    assert.deepEqual([more.done.length, bought(more.records)], [3, 1]);
    assert.deepEqual(await spentIn(store.folder), { tokens: 33, costUsd: 33, unknown: 0 });
  });

  it('replays finished flows and completes started ones, though no new one fits', async () => {
    let fails = true;
    const judge = model('judge', 1);
    const flaky: RunStep = {
      ...judge,
      run: async (flow, context) => {
        if (fails && flow.index === 7) throw new StepFailure('exit', 'not now');
        return judge.run(flow, context);
      },
    };
    const expect = ({ index }: Flow) => tokens(index === 6 ? 1000 : 2);
    const draft = { ...model('draft', 2), pricing: { ...pricing(0), expect } };
    const options = { steps: [draft, flaky], keys: ten, parallel: 1 };
    const store = await createRunStore(folderWith(), {});
    const first = await all({ ...options, maxCost: 21, store });
    assert.deepEqual(first.records.map(({ status }) => status[0]).join(''), 'ddddddcfc');
    fails = false;
    const again = await all({ ...options, maxCost: 22.2, store: await openRunStore(store.folder, {}) });
    assert.deepEqual(again.records.map(({ status }) => status[0]).join(''), 'ddddddcdc');
  });

  it('counts tokens, too', async () => {
    const { done, stops } = await all({ steps: [model('ask', 2)], keys: ten, maxTokens: 5 });
    assert.equal(done.length, 2);
    assert.match(
      stops[0]?.message ?? '',
      /4 of 5 tokens used, and nothing that is left fits: a call of ask .* 2 tokens/,
    );
    assert.match(
      stops[0]?.balance?.() ?? '',
      /^4 of 5 tokens used; \d calls? didn't fit.* is expected to use 2 tokens; to go on, raise --max-tokens$/,
    );
  });

  it('says by how much it was overshot', async () => {
    const { stops } = await all({ steps: [model('ask', 5, 1)], keys: ten, parallel: 1, maxCost: 4 });
    assert.match(
      stops[0]?.balance?.() ?? '',
      /^\$5\.00 of \$4\.00 spent, \$1\.00 too many, since .*--max-cost$/,
    );
  });

  it('finishes first: later steps are paid before earlier ones', async () => {
    const { done } = await all({
      steps: [model('draft', 1), model('ask', 1)],
      keys: ten,
      parallel: 4,
      maxCost: 8,
    });
    assert.equal(done.length, 4);
  });

  it('lets steps that cost nothing go on', async () => {
    const free = step('free', (flow) => `${flow.output}!`);
    const { done } = await all({ steps: [model('ask', 2), free, free], keys: ten, parallel: 3, maxCost: 6 });
    assert.deepEqual(
      done.map(({ output }) => output),
      ['ask!!', 'ask!!', 'ask!!'],
    );
  });

  it('keeps no slot for one who waits for money', async () => {
    let free = 0;
    const { done } = await all({
      steps: [
        step('free', async () => {
          free++;
          return '';
        }),
        model('ask', 1, 3),
      ],
      keys: ten,
      parallel: 10,
      maxCost: 12,
    });
    assert.equal(free, 10);
    assert.equal(done.length, 10);
  });

  it('cancels flows in flight on request', async () => {
    const slow: RunStep = {
      ...step('slow', async (_, { signal, tell }) => {
        await delay(60_000, undefined, { signal });
        tell({ usage: tokens(1) });
        return '';
      }),
      pricing: pricing(1),
      settles: true,
    };
    const { records, stops } = await all({
      steps: [slow],
      keys: ten,
      parallel: 4,
      maxCost: 0.5,
      onLimit: 'cancel',
    });
    assert.ok(records.every(({ status }) => status === 'cancelled'));
    assert.equal(stops[0]?.cancels, true);
    assert.match(records[0]?.error?.message ?? '', /budget/);
  });

  it('pays for each attempt, the failed ones too', async () => {
    let calls = 0;
    const moody: RunStep = {
      ...step(
        'moody',
        async (_, { attempt, tell }) => {
          calls++;
          tell({ usage: tokens(1) });
          if (attempt === 1) throw new StepFailure('bad_output', 'no JSON', { retryable: true });
          return 'ok';
        },
        { retries: 1 },
      ),
      pricing: pricing(1),
    };
    const { records, done } = await all({ steps: [moody], keys: ten, parallel: 1, maxCost: 5 });
    assert.equal(calls, 5);
    assert.equal(costOf(records), 5);
    assert.equal(done.length, 2);
  });

  it('counts a call as expected when its usage is unknown', async () => {
    const silent: RunStep = {
      ...step('silent', async () => {
        throw new StepFailure('network', 'reset', { retryable: false });
      }),
      pricing: pricing(2),
    };
    const { records, stops } = await all({ steps: [silent], keys: ten, parallel: 1, maxCost: 4 });
    assert.deepEqual(
      records.map(({ status, costUsd }) => [status, costUsd]),
      [
        ['failed', null],
        ['failed', null],
        ['cancelled', 0],
      ],
    );
    assert.match(stops[0]?.message ?? '', /^\$4\.00 of \$4\.00/);
  });

  it('counts a call in flight as expected when the consumer unsubscribes', async () => {
    let calls = 0;
    let closed = false;
    const endless: RunStep = {
      ...step('endless', async (_, { signal }) => {
        calls++;
        return delay(60_000, '', { signal });
      }),
      pricing: pricing(2),
    };
    const store = await createRunStore(folderWith(), {});
    const watched: typeof store = {
      ...store,
      close: (end) =>
        store.close(end).finally(() => {
          closed = true;
        }),
    };
    const { results$ } = run({ steps: [endless], keys: ten, parallel: 3, maxCost: 10, store: watched });
    const subscription = results$.subscribe();
    await until('three calls are made', () => calls === 3);
    subscription.unsubscribe();
    await until('the store is closed', () => closed);
    assert.deepEqual(await spentIn(store.folder), { tokens: 6, costUsd: 6, unknown: 0 });
  });

  it('charges what a step in code tells of itself', async () => {
    const own = step('own', (_, { tell }) => {
      tell({ costUsd: 3 });
      return '';
    });
    const { done } = await all({ steps: [own, model('ask', 1)], keys: ten, parallel: 1, maxCost: 5 });
    assert.equal(done.length, 1);
  });

  it('refuses limits that are none', async () => {
    await assert.rejects(
      all({ steps: [model('ask', 1)], maxCost: 0, maxTokens: 1.5 }),
      /maxCost: expected a number of dollars above 0.*\nmaxTokens: expected a whole number/,
    );
  });

  it('goes on, when it is resumed, where the ledger of its journal ends', async () => {
    const options = { steps: [model('ask', 2)], keys: ten, parallel: 1 };
    const store = await createRunStore(folderWith(), {});
    const first = await all({ ...options, maxCost: 6, store });
    assert.equal(first.done.length, 3);
    assert.deepEqual(await spentIn(store.folder), { tokens: 6, costUsd: 6, unknown: 0 });
    const same = await all({ ...options, maxCost: 6, store: await openRunStore(store.folder, {}) });
    assert.equal(same.stops[0]?.why, 'budget');
    assert.deepEqual(await spentIn(store.folder), { tokens: 6, costUsd: 6, unknown: 0 });
    const more = await all({ ...options, maxCost: 10, store: await openRunStore(store.folder, {}) });
    assert.equal(bought(more.records), 2);
    assert.deepEqual(await spentIn(store.folder), { tokens: 10, costUsd: 10, unknown: 0 });
    const rest = await all({ ...options, store: await openRunStore(store.folder, {}) });
    assert.equal(rest.done.length, 10);
    assert.equal(bought(rest.records), 5);
    assert.deepEqual(await spentIn(store.folder), { tokens: 20, costUsd: 20, unknown: 0 });
  });

  it('learns what calls use from those that are replayed, too', async () => {
    const learnt: number[] = [];
    const learn: Pricing['learn'] = (_, { inputTokens }) => void learnt.push(inputTokens);
    const asking = { ...model('ask', 2), pricing: { ...pricing(2), learn } };
    const options = { steps: [asking], keys: ten, maxCost: 50 };
    const store = await createRunStore(folderWith(), {});
    await all({ ...options, store });
    learnt.length = 0;
    const { records } = await all({ ...options, store: await openRunStore(store.folder, {}) });
    assert.equal(bought(records), 0);
    assert.deepEqual(learnt, Array(10).fill(2));
  });

  const call = fc.record({ expected: fc.nat(20), used: fc.nat(20), inOrder: fc.nat(6) });
  const simulation = fc.record({
    flows: fc.array(fc.tuple(call, call), { minLength: 1, maxLength: 12 }),
    parallel: fc.integer({ min: 1, max: 6 }),
    maxCost: fc.integer({ min: 1, max: 150 }),
  });

  it('is overshot by no more than the calls in flight were underestimated, in 1,000 simulations', async () => {
    await fc.assert(
      fc.asyncProperty(simulation, async ({ flows, parallel, maxCost }) => {
        const inFlight = new Set<{ readonly expected: number; readonly used: number }>();
        let spent = 0;
        let allowed = 0;
        const steps = [0, 1].map((position): RunStep => {
          const at = (index: number) => flows[index]?.[position === 0 ? 0 : 1] ?? assert.fail();
          const work = step(`s${position}`, async ({ index }, { tell }) => {
            const mine = at(index);
            inFlight.add(mine);
            const error = [...inFlight].reduce((sum, { used, expected }) => sum + used - expected, 0);
            allowed = Math.max(allowed, maxCost + Math.max(0, error));
            for (let turn = 0; turn < mine.inOrder; turn++) await null;
            spent += mine.used;
            tell({ usage: tokens(mine.used) });
            return '';
          });
          const expect = ({ index }: { readonly index: number }) => tokens(at(index).expected);
          // The last that is heard of a call before it is settled.
          const learn = ({ index }: { readonly index: number }) => void inFlight.delete(at(index));
          return { ...work, pricing: { ...pricing(0), expect, learn } };
        });
        const keys = { n: { values: flows.map((_, index) => `${index}`) } };
        const { records, stops } = await all({ steps, keys, parallel, maxCost });
        assert.equal(costOf(records), spent);
        assert.ok(spent <= allowed || stops.length === 0, `${spent} spent, ${allowed} allowed`);
        if (stops.length === 0) assert.equal(records.length, flows.length);
      }),
      { numRuns: 1000 },
    );
  });
});
