import assert from 'node:assert/strict';
import { Estimate } from '../../lib/cost/estimate.js';
import { type Price, priceFrom } from '../../lib/cost/price.js';
import { charged, LazyPricing } from '../../lib/cost/pricing.js';
import { StepFailure } from '../../lib/errors.js';
import { ProxyFailure } from '../../lib/http/errors.js';
import { newFlow } from '../helpers/flows.js';

const flow = newFlow();
const usage = { inputTokens: 1e6, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

function pricing(price: () => Promise<Price | null>, tier = 'standard'): LazyPricing {
  return new LazyPricing({
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
    const lazy = pricing(async () => {
      asked++;
      return priceFrom('m', { input: 2, output: 8 });
    });
    assert.deepEqual([asked, lazy.costOf(usage)], [0, null]);
    await Promise.all([lazy.ready(), lazy.ready()]);
    assert.deepEqual([asked, lazy.costOf(usage)], [1, 2]);
  });

  it('has no price where there is none, or the list can’t be read', async () => {
    const none = pricing(async () => null);
    const broken = pricing(() => Promise.reject(new Error('no list')));
    assert.deepEqual([await none.ready(), await broken.ready()], [null, null]);
    assert.equal(broken.costOf(usage), null);
  });

  it('expects what its prompts promise, and then what calls use', () => {
    const lazy = pricing(async () => null);
    assert.deepEqual([lazy.isGuess, lazy.expect(flow).inputTokens], [true, 100]);
    lazy.learn(flow, { ...usage, inputTokens: 120, outputTokens: 0 });
    assert.deepEqual(
      [lazy.isGuess, lazy.expect(flow).inputTokens, lazy.expect(flow).outputTokens],
      [false, 110, 500],
    );
  });

  it('prices by the tier that answered; where another was asked for and none is told, the cost is unknown', async () => {
    const asksFlex = pricing(async () => priceFrom('m', { input: 2, output: 8 }), 'flex');
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

describe('what an attempt is charged', () => {
  const usage = { inputTokens: 1000, cachedInputTokens: 0, outputTokens: 10, reasoningTokens: 0 };
  const pricing = { costOf: ({ inputTokens }: typeof usage) => inputTokens / 1000 };
  const unpriced = { costOf: () => null };

  it('is its tokens’ price', () => {
    assert.deepEqual(charged({ usage }, pricing, 'an answer'), { usage, costUsd: 1 });
  });

  it('is so for an answer that is of no use, too', () => {
    const misfit = new StepFailure('bad_output', 'no JSON');
    assert.equal(charged({ usage }, pricing, misfit).costUsd, 1);
  });

  it('is unknown without a price, or without a count of tokens', () => {
    assert.equal(charged({ usage }, unpriced, 'an answer').costUsd, null);
    assert.equal(charged({}, pricing, 'an answer').costUsd, null);
  });

  it('is unknown where the call broke off', () => {
    assert.equal(charged({}, pricing, new StepFailure('timeout', 'too long')).costUsd, null);
    assert.equal(charged({}, pricing, new StepFailure('network', 'reset')).costUsd, null);
  });

  it('is nothing for what was refused, or never sent', () => {
    assert.equal(charged({}, pricing, new StepFailure('rate_limit', 'later', { status: 429 })).costUsd, 0);
    assert.equal(charged({}, pricing, new StepFailure('refused', 'malformed', { status: 400 })).costUsd, 0);
    assert.equal(charged({}, pricing, new StepFailure('server', 'down', { status: 503 })).costUsd, 0);
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    assert.equal(charged({}, pricing, new StepFailure('network', 'refused', { cause })).costUsd, 0);
    assert.equal(charged({}, pricing, new StepFailure('input', 'not UTF-8')).costUsd, 0);
    const late = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' });
    for (const cause of [late, new ProxyFailure('refused', 407)])
      assert.equal(charged({}, pricing, new StepFailure('network', 'failed', { cause })).costUsd, 0);
    const read = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' });
    assert.equal(charged({}, pricing, new StepFailure('network', 'failed', { cause: read })).costUsd, null);
  });

  it('is unknown of an agent that was refused in the middle of its work', () => {
    const failure = new StepFailure('rate_limit', 'later', { status: 429 });
    assert.equal(charged({ threadId: 't' }, pricing, failure).costUsd, null);
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
