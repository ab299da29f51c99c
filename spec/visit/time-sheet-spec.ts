import assert from 'node:assert/strict';
import { IDENTITY } from '../../lib/flow/flow.js';
import { mergeFacts, putFacts, TimeSheet } from '../../lib/visit/time-sheet.js';

const PLACE = { name: 'draft', type: 'function' };
const NOON = Date.UTC(2026, 10, 22, 12);

describe('TimeSheet', () => {
  it('adds up the work of all attempts, apart from what they waited', () => {
    const times = new TimeSheet();
    times.waits(NOON - 1000);
    times.goesOn(NOON);
    assert.equal(times.tries(NOON), 1);
    times.tried(NOON + 30, 10);
    times.waits(NOON + 30);
    times.goesOn(NOON + 530);
    assert.equal(times.tries(NOON + 530), 2);
    times.tried(NOON + 537, 0);
    assert.deepEqual(times.record(PLACE, 'done', NOON + 600), {
      ...{ name: 'draft', type: 'function', status: 'done', startedAt: '2026-11-22T12:00:00.000Z' },
      ...{ ms: 27, attempts: 2, waitedMs: 1510 },
    });
  });

  it('never counts less than nothing where the clock is set back', () => {
    const times = new TimeSheet();
    times.waits(NOON);
    times.goesOn(NOON - 5000);
    times.tries(NOON - 5000);
    times.tried(NOON - 9000, 0);
    const { ms, waitedMs } = times.record(PLACE, 'done', NOON);
    assert.deepEqual([ms, waitedMs], [0, undefined]);
  });

  it('has begun at the end where it never began to work', () => {
    const { startedAt, attempts } = new TimeSheet().record(PLACE, 'cancelled', NOON);
    assert.deepEqual([startedAt, attempts], ['2026-11-22T12:00:00.000Z', 0]);
  });

  it('tells facts in their order, and the identity to those who know it', () => {
    const times = new TimeSheet();
    times.add({ model: 'm', costUsd: 0.5 });
    const identity = { flow: 'f', branch: [], occurrence: 0, key: 'k' };
    const record = times.record(PLACE, 'done', NOON, identity);
    assert.deepEqual(Object.keys(record).slice(-2), ['costUsd', 'model']);
    assert.equal(record[IDENTITY], identity);
    assert.ok(!JSON.stringify(record).includes('"k"'));
  });
});

const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 2, reasoningTokens: 0 };

describe('facts', () => {
  it('are the last attempt’s, with the tokens of all', () => {
    const merged = mergeFacts({ usage, requestId: 'first', path: 'p' }, { usage, model: 'm' });
    assert.deepEqual(merged, { usage: { ...usage, inputTokens: 2, outputTokens: 4 }, model: 'm' });
  });

  it('keep the tokens of an attempt when the next one tells none', () => {
    assert.deepEqual(mergeFacts({ usage, requestId: 'first' }, {}), { usage });
  });

  it('keep the tool calls of all attempts, and the tier of the last', () => {
    const earlier = { usage, tier: 'flex', toolCalls: { a: 1, b: 1 } };
    const merged = mergeFacts(earlier, { usage, tier: 'standard', toolCalls: { b: 2, c: 1 } });
    assert.deepEqual([merged.toolCalls, merged.tier], [{ a: 1, b: 3, c: 1 }, 'standard']);
    assert.deepEqual(mergeFacts(earlier, {}).toolCalls, { a: 1, b: 1 });
  });

  it('cost the sum of all attempts, or an unknown amount', () => {
    assert.deepEqual(mergeFacts({ usage, costUsd: 0.1 }, { costUsd: 0.2 }), { usage, costUsd: 0.3 });
    assert.deepEqual(mergeFacts({ costUsd: 0 }, { usage, costUsd: 0.2 }), { usage, costUsd: 0.2 });
    assert.deepEqual(mergeFacts({ costUsd: 0.1 }, { costUsd: null }), { costUsd: null });
    assert.deepEqual(mergeFacts({ costUsd: null }, { usage, costUsd: 0.2 }), { usage, costUsd: null });
  });

  it('stand in one order, whatever the order in which they were told', () => {
    const told = { simulated: true, path: 'p', requestId: 'r', model: 'm', usage } as const;
    const record = {};
    putFacts(told, record);
    assert.deepEqual(Object.keys(record), ['usage', 'model', 'requestId', 'path', 'simulated']);
    assert.deepEqual(record, told);
  });

  it('leave a record as it is when nothing was told', () => {
    const record = { model: 'm' };
    putFacts({}, record);
    assert.deepEqual(record, { model: 'm' });
  });
});
