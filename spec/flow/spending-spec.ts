import assert from 'node:assert/strict';
import { UsageTotals } from '../../lib/flow/spending.js';

const usage = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 2, reasoningTokens: 1 };

describe('UsageTotals', () => {
  it('adds up calls without dust', () => {
    const usageTotals = new UsageTotals();
    for (let call = 0; call < 1_000_000; call++) usageTotals.add(usage, 0.0000001);
    assert.deepEqual(usageTotals.sum, { tokens: 12_000_000, costUsd: 0.1, unknown: 0 });
    assert.equal(usageTotals.usage.cachedInputTokens, 4_000_000);
  });

  it('keeps apart what is unknown', () => {
    const usageTotals = new UsageTotals();
    usageTotals.add(usage, 0.5);
    usageTotals.add(usage, null);
    assert.deepEqual(usageTotals.sum, { tokens: 24, costUsd: 0.5, unknown: 1 });
  });

  it('begins with nothing', () => {
    assert.deepEqual(new UsageTotals().sum, { tokens: 0, costUsd: 0, unknown: 0 });
  });
});
