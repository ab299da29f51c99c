import assert from 'node:assert/strict';
import { Estimate } from '../../lib/cost/estimate.js';
import { priceFrom } from '../../lib/cost/own-price.js';
import type { Price } from '../../lib/cost/price.js';
import { LazyTariff } from '../../lib/cost/pricing.js';
import { newFlow } from '../helpers/flows.js';

const flow = newFlow();
const usage = { inputTokens: 1e6, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

function tariff(price: () => Promise<Price | null>, tier = 'standard'): LazyTariff {
  return new LazyTariff({
    price,
    estimate: new Estimate({ outputTokens: 1000, extraTokens: 0, tools: [], tier }),
    tier,
    isSimulated: false,
    promptSize: () => 300,
  });
}

describe('LazyTariff', () => {
  it('looks the price up when it is asked to, once', async () => {
    let asked = 0;
    const lazy = tariff(async () => {
      asked++;
      return priceFrom('m', { input: 2, output: 8 });
    });
    assert.deepEqual([asked, lazy.costOf(usage)], [0, null]);
    await Promise.all([lazy.ready(), lazy.ready()]);
    assert.deepEqual([asked, lazy.costOf(usage)], [1, 2]);
  });

  it('has no price where there is none, or the list can’t be read', async () => {
    const none = tariff(async () => null);
    const broken = tariff(() => Promise.reject(new Error('no list')));
    assert.deepEqual([await none.ready(), await broken.ready()], [null, null]);
    assert.equal(broken.costOf(usage), null);
  });

  it('expects what its prompts promise, and then what calls use', () => {
    const lazy = tariff(async () => null);
    assert.deepEqual([lazy.isGuess, lazy.expect(flow).inputTokens], [true, 100]);
    lazy.learn(flow, { ...usage, inputTokens: 120, outputTokens: 0 });
    assert.deepEqual(
      [lazy.isGuess, lazy.expect(flow).inputTokens, lazy.expect(flow).outputTokens],
      [false, 110, 500],
    );
  });

  it('prices by the tier that answered; where another was asked for and none is told, the cost is unknown', async () => {
    const asksFlex = tariff(async () => priceFrom('m', { input: 2, output: 8 }), 'flex');
    await asksFlex.ready();
    assert.deepEqual(
      [
        asksFlex.costOf({ ...usage, tier: 'flex' }),
        asksFlex.costOf({ ...usage, tier: 'standard' }),
        asksFlex.costOf(usage),
      ],
      [1, 2, null],
    );
  });
});
