import assert from 'node:assert/strict';
import { Estimate, startOf } from '../../lib/money/estimate.js';
import type { ModelCall } from '../../lib/steps/contract.js';

const call: ModelCall = {
  model: 'gpt-5.5',
  baseUrl: null,
  keyName: null,
  serviceTier: null,
  maxOutputTokens: null,
  schema: null,
  shareable: true,
};

describe('Estimate', () => {
  it('begins with the prompt and an assumed answer', () => {
    const { inputTokens, outputTokens } = new Estimate(startOf(call, 'openai')).expect(100);
    assert.deepEqual([inputTokens, outputTokens], [100, 1000]);
  });

  it('begins with the longest answer that the step allows', () => {
    const start = startOf({ ...call, maxOutputTokens: 50 }, 'openai');
    assert.equal(new Estimate(start).expect(100).outputTokens, 50);
  });

  it('knows that codex sends more than the prompt', () => {
    assert.equal(new Estimate(startOf(call, 'codex')).expect(100).inputTokens, 32_100);
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
    const { inputTokens, cachedInputTokens, outputTokens } = estimate.expect(5000);
    assert.deepEqual([inputTokens, cachedInputTokens], [5020, 2510]);
    assert.ok(outputTokens > 200 && outputTokens <= 201, `${outputTokens}`);
  });

  it('never expects less than nothing', () => {
    const estimate = new Estimate(startOf(call, 'openai'));
    const nothing = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    for (let calls = 0; calls < 10; calls++) estimate.learn(1000, nothing);
    assert.equal(estimate.expect(10).inputTokens, 0);
  });
});
