import assert from 'node:assert/strict';
import { charged } from '../../lib/cost/charged.js';
import { StepFailure } from '../../lib/errors.js';
import { ProxyFailure } from '../../lib/http/errors.js';

const usage = { inputTokens: 1000, cachedInputTokens: 0, outputTokens: 10, reasoningTokens: 0 };
const tariff = { costOf: ({ inputTokens }: typeof usage) => inputTokens / 1000 };
const unpriced = { costOf: () => null };

describe('what an attempt is charged', () => {
  it('is its tokens’ price', () => {
    assert.deepEqual(charged({ usage }, tariff, 'an answer'), { usage, costUsd: 1 });
  });

  it('is so for an answer that is of no use, too', () => {
    const misfit = new StepFailure('bad_output', 'no JSON');
    assert.equal(charged({ usage }, tariff, misfit).costUsd, 1);
  });

  it('is unknown without a price, or without a count of tokens', () => {
    assert.equal(charged({ usage }, unpriced, 'an answer').costUsd, null);
    assert.equal(charged({}, tariff, 'an answer').costUsd, null);
  });

  it('is unknown where the call broke off', () => {
    assert.equal(charged({}, tariff, new StepFailure('timeout', 'too long')).costUsd, null);
    assert.equal(charged({}, tariff, new StepFailure('network', 'reset')).costUsd, null);
  });

  it('is nothing for what was refused, or never sent', () => {
    assert.equal(charged({}, tariff, new StepFailure('rate_limit', 'later', { status: 429 })).costUsd, 0);
    assert.equal(charged({}, tariff, new StepFailure('refused', 'malformed', { status: 400 })).costUsd, 0);
    assert.equal(charged({}, tariff, new StepFailure('server', 'down', { status: 503 })).costUsd, 0);
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    assert.equal(charged({}, tariff, new StepFailure('network', 'refused', { cause })).costUsd, 0);
    assert.equal(charged({}, tariff, new StepFailure('input', 'not UTF-8')).costUsd, 0);
    const late = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
    for (const cause of [late, new ProxyFailure('refused', 407)])
      assert.equal(charged({}, tariff, new StepFailure('network', 'failed', { cause })).costUsd, 0);
    const read = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' });
    assert.equal(charged({}, tariff, new StepFailure('network', 'failed', { cause: read })).costUsd, null);
  });

  it('is unknown of an agent that was refused in the middle of its work', () => {
    const failure = new StepFailure('rate_limit', 'later', { status: 429 });
    assert.equal(charged({ threadId: 't' }, tariff, failure).costUsd, null);
  });

  it('is what a step says itself', () => {
    assert.equal(charged({ usage, costUsd: 7 }, undefined, '').costUsd, 7);
  });

  it('is unknown of a step in code that tells its tokens only', () => {
    assert.equal(charged({ usage }, undefined, '').costUsd, null);
  });

  it('isn’t a question for a step that asks no model', () => {
    assert.deepEqual(charged({ model: 'm' }, undefined, ''), { model: 'm' });
  });
});
