import assert from 'node:assert/strict';
import { costOf, type Price } from '../../lib/cost/price.js';
import type { Billed } from '../../lib/flow/flow.js';

const flat: Price = {
  bands: [{ above: -1, input: 0.75, cachedInput: 0.075, cacheWrite: 0.9375, output: 4.5 }],
  fees: { web_search: 0.01 },
  source: 'spec',
};
const noWrites: Price = { ...flat, bands: flat.bands.map((band) => ({ ...band, cacheWrite: null })) };
const tiered: Price = {
  bands: [
    { above: -1, input: 5, cachedInput: 0.5, cacheWrite: 5, output: 30 },
    { above: 271_999, input: 10, cachedInput: 1, cacheWrite: 10, output: 45 },
  ],
  fees: { web_search: 0.01 },
  source: 'spec',
};

function usage(inputTokens: number, outputTokens: number, more: Partial<Billed> = {}): Billed {
  return { inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0, ...more };
}

describe('costOf', () => {
  const calls: [what: string, usage: Billed, price: Price, usd: number | null][] = [
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
    // 1,000 × 0.75 × 0.5 + 10 × 4.5 × 0.5 = 397.5
    ['a cheaper tier', usage(1000, 10, { tier: 'flex' }), flat, 0.0003975],
    // 100 × 1.5 + 800 × 0.15 + 100 × 1.875 = 457.5
    [
      'a dearer tier, cached and written input included',
      usage(1000, 0, { tier: 'priority', cachedInputTokens: 800, cacheWriteInputTokens: 100 }),
      flat,
      0.0004575,
    ],
    ['a batch', usage(1000, 0, { tier: 'batch' }), flat, 0.000375],
    ['no tier whose price is unknown', usage(1000, 0, { tier: 'scale' }), flat, null],
    [
      'calls of tools beside the tokens, at one fee in all tiers',
      usage(0, 0, { tier: 'flex', toolCalls: { web_search: 2 } }),
      flat,
      0.02,
    ],
    ['no tools whose fee is unknown', usage(1000, 0, { toolCalls: { toString: 1 } }), flat, null],
    [
      'nothing that was written at an unknown rate',
      usage(1000, 0, { cacheWriteInputTokens: 1 }),
      noWrites,
      null,
    ],
    ['what was not written, then', usage(1000, 0, { cacheWriteInputTokens: 0 }), noWrites, 0.00075],
    ['more cached than there is', usage(100, 0, { cachedInputTokens: 500 }), flat, 0.0000075],
  ];
  for (const [what, used, price, usd] of calls) {
    it(`prices ${what}`, () => {
      assert.equal(costOf(used, price), usd);
    });
  }
});
