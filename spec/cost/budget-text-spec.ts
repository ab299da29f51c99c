import assert from 'node:assert/strict';
import { amountText, balanceText, optionsText, spendingText } from '../../lib/cost/budget-text.js';

const both = { maxCost: 5, maxTokens: 2_000_000 };

describe('what is said of a budget', () => {
  it('names only what has a limit', () => {
    const spent = { tokens: 1_998_000, costUsd: 4.976 };
    assert.equal(spendingText(spent, { maxCost: 5 }), '$4.98 of $5.00 spent');
    assert.equal(spendingText(spent, { maxTokens: 2e6 }), '1,998,000 of 2,000,000 tokens used');
    assert.equal(spendingText(spent, both), '$4.98 of $5.00 spent and 1,998,000 of 2,000,000 tokens used');
    assert.equal(amountText({ tokens: 2000, costUsd: 0.05 }, both), '$0.05 and 2,000 tokens');
    assert.equal(optionsText(both), '--max-cost and --max-tokens');
  });

  it('has as many digits as small amounts need', () => {
    assert.equal(spendingText({ tokens: 0, costUsd: 0.04876 }, { maxCost: 0.05 }), '$0.0488 of $0.05 spent');
  });

  it('tells the way out, and by how much a limit was overshot', () => {
    const limits = { maxCost: 5 };
    const inside = balanceText({ tokens: 1, costUsd: 4.98 }, limits);
    assert.equal(inside, '$4.98 of $5.00 spent; to go on, raise --max-cost');
    assert.equal(
      balanceText({ tokens: 1, costUsd: 5.01 }, limits),
      '$5.01 of $5.00 spent, $0.01 too many, since calls in flight used more than expected; to go on, raise --max-cost',
    );
  });
});
