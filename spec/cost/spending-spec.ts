import assert from 'node:assert/strict';
import { Ledger } from '../../lib/cost/spending.js';

const usage = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 2, reasoningTokens: 1 };

describe('Ledger', () => {
  it('adds up calls without dust', () => {
    const ledger = new Ledger();
    for (let call = 0; call < 1_000_000; call++) ledger.add(usage, 0.0000001);
    assert.deepEqual(ledger.spending, { tokens: 12_000_000, costUsd: 0.1 });
    assert.equal(ledger.usage.cachedInputTokens, 4_000_000);
  });

  it('keeps apart what is unknown', () => {
    const ledger = new Ledger();
    ledger.add(usage, 0.5);
    ledger.add(usage, null);
    assert.deepEqual([ledger.knownUsd, ledger.unpriced], [0.5, 1]);
    assert.deepEqual(ledger.spending, { tokens: 24, costUsd: null });
  });

  it('begins with nothing', () => {
    assert.deepEqual(new Ledger().spending, { tokens: 0, costUsd: 0 });
  });
});
