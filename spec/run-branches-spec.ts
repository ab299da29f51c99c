import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { concatMap, filter, mergeMap, of } from 'rxjs';
import { NO_USAGE } from '../lib/flow/usage.js';
import { type Flow, join, operator, type ResultRecord, step } from '../lib/index.js';
import { all, begun, crowd, digits } from './helpers/runs.js';

describe('run, with branches', () => {
  const list = (output: string) => step('list', () => output, { array: true });
  const shout = step('shout', (flow) => `${flow.output}!`);
  const outputs = (records: readonly ResultRecord[]) =>
    records.map(({ branch, output }) => `${branch?.join('.')} ${output}`);

  it('runs the rest of the steps once for each element of an array', async () => {
    const { records, events } = await all({ steps: [list('["a",{"b":1}]'), shout], ordered: true });
    assert.deepEqual(outputs(records), ['0 a!', '1 {"b":1}!']);
    assert.equal(events.filter(({ type }) => type === 'enter').length, 3);
    assert.equal(events.filter(({ type }) => type === 'finish').length, 1);
  });

  it('nests arrays', async () => {
    const halves = step('halves', (flow) => JSON.stringify([`${flow.output}1`, `${flow.output}2`]), {
      array: true,
    });
    const { records } = await all({ steps: [list('["a","b"]'), halves, shout], ordered: true });
    assert.deepEqual(outputs(records), ['0.0 a1!', '0.1 a2!', '1.0 b1!', '1.1 b2!']);
  });

  it('leaves one dropped record for an empty array', async () => {
    const { records } = await all({ steps: [list('[]'), shout] });
    assert.deepEqual(
      records.map(({ status }) => status),
      ['dropped'],
    );
  });

  it('records the cost of a dropped flow, each step once', async () => {
    const paid = (name: string, output: string, options = {}) =>
      step(
        name,
        (_, { tell }) => {
          tell({ usage: { ...NO_USAGE, inputTokens: 10 }, costUsd: 1 });
          return output;
        },
        options,
      );
    const empty = paid('list', '[]', { array: true });
    const two = paid('list', '["a","b"]', { array: true });
    const none = operator(
      'none',
      filter<Flow>(() => false),
    );
    const cases = [
      [[paid('draft', 'x'), empty, shout], ['draft', 'list'], 2],
      [[paid('draft', 'x'), none, shout], ['draft'], 1],
      [[paid('draft', 'x'), two, paid('each', 'y'), none, shout], ['draft', 'list', 'each', 'each'], 4],
    ] as const;
    for (const [steps, names, costUsd] of cases) {
      const { records } = await all({ steps });
      const told = records.map((record) => [record.status, record.steps.map(({ name }) => name)]);
      assert.deepEqual(told, [['dropped', names]]);
      assert.deepEqual([records[0]?.costUsd, records[0]?.usage.inputTokens], [costUsd, 10 * costUsd]);
    }
  });

  it("fails a flow whose output isn't an array", async () => {
    const { records } = await all({ steps: [list('a, b'), shout] });
    assert.deepEqual([records[0]?.error?.kind, records[0]?.error?.step], ['bad_output', 'list']);
    assert.deepEqual(records[0]?.steps[0]?.status, 'failed');
  });

  it('leaves one record a branch, and finishes the flow after the last', async () => {
    const twice = operator(
      'twice',
      concatMap((flow: Flow) => of(flow, flow)),
    );
    const { records, events } = await all({ steps: [twice, step('late', async () => delay(1, 'x'))] });
    assert.deepEqual(
      records.map(({ branch }) => branch),
      [undefined, [1]],
    );
    assert.equal(events.at(-1)?.type, 'finish');
  });

  it('tells in its events which branch came to a step', async () => {
    const twice = operator(
      'twice',
      concatMap((flow: Flow) => of(flow, flow)),
    );
    const { events } = await all({ steps: [twice, step('late', async () => 'x')] });
    const entered = events.filter((event) => event.type === 'enter' && event.step === 'late');
    assert.deepEqual(
      entered.map((event) => 'branch' in event && event.branch),
      [false, [1]],
    );
  });

  it('keeps the flow in its slot until its last branch is delivered', async () => {
    let pulled = 0;
    const values = {
      *[Symbol.iterator]() {
        for (; pulled < 3; ) yield String(pulled++);
      },
    };
    let open = () => {};
    const last = new Promise<string>((resolve) => {
      open = () => resolve('');
    });
    const wait = step('wait', (flow) => (flow.output === 'b' ? last : flow.output));
    const done = all({ steps: [list('["a","b"]'), wait], keys: { n: { values } }, parallel: 1 });
    await begun(() => pulled > 0);
    assert.equal(pulled, 1);
    open();
    assert.equal((await done).records.length, 6);
  });

  it('executes no more steps at once than `parallel`, however many branches there are', async () => {
    const workers = crowd();
    const many = JSON.stringify(Array.from({ length: 50 }, (_, n) => n));
    await all({ steps: [list(many), step('busy', workers.run)], keys: { digits }, parallel: 3 });
    assert.equal(workers.most, 3);
  });

  it('bounds the steps that execute over all branches of a flow', async () => {
    const workers = crowd();
    const many = operator(
      'many',
      mergeMap((flow: Flow) => of(...Array.from({ length: 20 }, (_, n) => ({ ...flow, output: String(n) })))),
    );
    const { records } = await all({ steps: [many, step('busy', workers.run)], parallel: 3 });
    assert.equal(records.length, 20);
    assert.equal(workers.most, 3);
  });

  it('lets thousands of waiting branches through without touching the stack', async () => {
    const many = step('many', () => JSON.stringify([...Array(5000).keys()]), { array: true });
    const first = step('first', (flow) => (flow.output === '0' ? delay(5, 'slow') : 'quick'), {
      parallel: 1,
    });
    const { records } = await all({ steps: [many, first], parallel: 1 });
    assert.equal(records.filter(({ status }) => status === 'done').length, 5000);
  });

  it('joins the live branches in order, with the steps of all', async () => {
    const slow = step('slow', async (flow) => {
      if (flow.output === 'c') throw new Error('no c');
      return delay(flow.output === 'a' ? 5 : 0, flow.output);
    });
    const { records } = await all({
      steps: [list('["a","b","c"]'), slow, operator('join', join(', ')), shout],
    });
    const [failed, joined] = records;
    assert.equal(failed?.status, 'failed');
    assert.equal(joined?.output, 'a, b!');
    assert.deepEqual(
      joined?.steps.map(({ name }) => name),
      ['list', 'slow', 'slow', 'join', 'shout'],
    );
  });

  it('joins with a function of all the outputs', async () => {
    const { records } = await all({ steps: [list('["a","b"]'), join((texts) => JSON.stringify(texts))] });
    assert.equal(records[0]?.output, '["a","b"]');
  });
});
