import assert from 'node:assert/strict';
import type { Usage } from '../../lib/flow.js';
import { costOf, type Price } from '../../lib/money/price.js';

const flat: Price = {
  bands: [{ above: -1, input: 0.75, cachedInput: 0.075, cacheWrite: 0.9375, output: 4.5 }],
  source: 'spec',
};
const tiered: Price = {
  bands: [
    { above: -1, input: 5, cachedInput: 0.5, cacheWrite: 5, output: 30 },
    { above: 271_999, input: 10, cachedInput: 1, cacheWrite: 10, output: 45 },
  ],
  source: 'spec',
};

function usage(inputTokens: number, outputTokens: number, more: Partial<Usage> = {}): Usage {
  return { inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0, ...more };
}

describe('costOf', () => {
  const calls: [what: string, usage: Usage, price: Price, usd: number][] = [
    ['nothing', usage(0, 0), flat, 0],
    // 1,000 × 0.75 + 10 × 4.5 = 795 millionths
    ['input and output', usage(1000, 10), flat, 0.000795],
    // 200 × 0.75 + 800 × 0.075 + 10 × 4.5 = 255
    ['cached input as cached', usage(1000, 10, { cachedInputTokens: 800 }), flat, 0.000255],
    // 100 × 0.75 + 800 × 0.075 + 100 × 0.9375 = 228.75
    [
      'what is written to the cache',
      usage(1000, 0, { cachedInputTokens: 800, cacheWriteInputTokens: 100 }),
      flat,
      0.00022875,
    ],
    ['reasoning as the output that it is part of', usage(0, 100, { reasoningTokens: 90 }), flat, 0.00045],
    ['a single cached token', usage(1, 0, { cachedInputTokens: 1 }), flat, 0.000000075],
    // 271,999 × 5 + 1,000 × 30 = 1,389,995
    ['the longest prompt below a tier', usage(271_999, 1000), tiered, 1.389995],
    // 272,000 × 10 + 1,000 × 45 = 2,765,000: the whole call, not what is above the tier
    ['a prompt in the next tier', usage(272_000, 1000), tiered, 2.765],
    // 72,000 × 10 + 200,000 × 1 + 1,000 × 45 = 965,000
    ['its cached part', usage(272_000, 1000, { cachedInputTokens: 200_000 }), tiered, 0.965],
    ['more cached than there is', usage(100, 0, { cachedInputTokens: 500 }), flat, 0.0000075],
  ];
  for (const [what, used, price, usd] of calls) {
    it(`prices ${what}`, () => {
      assert.equal(costOf(used, price), usd);
    });
  }
});
