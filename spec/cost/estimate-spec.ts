import assert from 'node:assert/strict';
import { Estimate, startOf } from '../../lib/cost/estimate.js';
import type { ModelCall } from '../../lib/steps/contract.js';

const call: ModelCall = {
  model: 'gpt-5.5',
  baseUrl: null,
  keyName: null,
  serviceTier: null,
  maxOutputTokens: null,
  tools: [],
  schema: null,
  shareable: true,
};

describe('Estimate', () => {
  it('begins with the prompt and an assumed answer', () => {
    const { inputTokens, outputTokens } = new Estimate(startOf(call, 'openai')).expect(100, null);
    assert.deepEqual([inputTokens, outputTokens], [100, 1000]);
  });

  it('begins with the longest answer that the step allows', () => {
    const start = startOf({ ...call, maxOutputTokens: 50 }, 'openai');
    assert.equal(new Estimate(start).expect(100, null).outputTokens, 50);
  });

  it('knows that codex sends more than the prompt', () => {
    assert.equal(new Estimate(startOf(call, 'codex')).expect(100, null).inputTokens, 32_100);
  });

  it('comes to expect what calls use', () => {
    const estimate = new Estimate(startOf(call, 'openai'));
    for (let prompt = 100; prompt < 1100; prompt++) {
      const inputTokens = prompt + 20;
      estimate.learn(prompt, {
        inputTokens,
        cachedInputTokens: inputTokens / 2,
        outputTokens: 200,
        reasoningTokens: 50,
      });
    }
    const { inputTokens, cachedInputTokens, outputTokens } = estimate.expect(5000, null);
    assert.deepEqual([inputTokens, cachedInputTokens], [5020, 2510]);
    assert.ok(outputTokens > 200 && outputTokens <= 201, `${outputTokens}`);
  });

  it('corrects a long prompt in proportion where short ones were: an estimate by characters is off so', () => {
    const estimate = new Estimate(startOf(call, 'openai'));
    const usage = { cachedInputTokens: 0, outputTokens: 10, reasoningTokens: 0 };
    for (const prompt of [20, 40, 80, 300]) estimate.learn(prompt, { inputTokens: 0.75 * prompt, ...usage });
    assert.equal(estimate.expect(1_000_000, null).inputTokens, 750_000);
  });

  it('adds what is sent beside short prompts, and never multiplies by it', () => {
    const estimate = new Estimate({ outputTokens: 10, extraTokens: 0, tools: [], tier: 'standard' });
    const usage = { cachedInputTokens: 0, outputTokens: 10, reasoningTokens: 0 };
    for (const prompt of [20, 40, 80]) estimate.learn(prompt, { inputTokens: prompt + 500, ...usage });
    assert.equal(estimate.expect(1_000_000, null).inputTokens, 1_000_375);
  });

  it('never expects less than nothing', () => {
    const estimate = new Estimate(startOf(call, 'openai'));
    const nothing = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    for (let calls = 0; calls < 10; calls++) estimate.learn(1000, nothing);
    assert.equal(estimate.expect(10, null).inputTokens, 0);
  });

  const price = {
    bands: [{ above: -1, input: 1, cachedInput: 0.1, cacheWrite: 1.25, output: 4 }],
    fees: {},
    source: '',
  };
  const used = { inputTokens: 2000, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

  it('takes long prompts for written to the cache where that is billed, until calls have shown it', () => {
    const estimate = new Estimate(startOf(call, 'openai'));
    assert.equal(estimate.expect(2000, price).cacheWriteInputTokens, 2000);
    assert.equal(estimate.expect(1000, price).cacheWriteInputTokens, undefined);
    estimate.learn(2000, { ...used, cacheWriteInputTokens: 500 });
    assert.equal(estimate.expect(2000, price).cacheWriteInputTokens, 500);
  });

  it('expects each tool once, and then as often as calls use it', () => {
    const estimate = new Estimate(startOf({ ...call, tools: ['web_search'] }, 'openai'));
    assert.deepEqual(estimate.expect(1, null).toolCalls, { web_search: 1 });
    estimate.learn(1, { ...used, toolCalls: { web_search: 4, file_search: 1 } });
    assert.deepEqual(estimate.expect(1, null).toolCalls, { web_search: 2.5, file_search: 0.5 });
  });

  it('expects the tier that is asked for, and then the one that answers', () => {
    const estimate = new Estimate(startOf({ ...call, serviceTier: 'fast' }, 'openai'));
    assert.equal(estimate.expect(1, null).tier, 'priority');
    estimate.learn(1, { ...used, tier: 'standard' });
    assert.equal(estimate.expect(1, null).tier, 'standard');
  });
});
