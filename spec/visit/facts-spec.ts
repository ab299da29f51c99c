import assert from 'node:assert/strict';
import { mergeFacts, putFacts } from '../../lib/visit/facts.js';

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

  it('cost what all the attempts did, or nobody knows what', () => {
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
