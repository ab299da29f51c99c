import assert from 'node:assert/strict';
import { costOf } from '../../lib/cost/price.js';
import { pricedNear, priceOf } from '../../lib/cost/prices.js';
import type { ModelCall } from '../../lib/steps/contract.js';
import { DEFAULT_MODEL } from '../../lib/steps/openai/config.js';

const now = new Date('2026-10-01T00:00:00Z');

function call(model: string | null, more: Partial<ModelCall> = {}): ModelCall {
  return {
    model,
    baseUrl: null,
    keyName: null,
    serviceTier: null,
    maxOutputTokens: null,
    tools: [],
    schema: null,
    shareable: true,
    ...more,
  };
}

describe('priceOf', () => {
  it('finds a listed price, and says where it comes from', async () => {
    const price = await priceOf(call('gpt-5.4-mini'), {}, null, now);
    assert.deepEqual(price?.bands, [
      { above: -1, input: 0.75, cachedInput: 0.075, cacheWrite: 0.75, output: 4.5 },
    ]);
    assert.match(price?.source ?? '', /^genai-prices \d+\.\d+\.\d+, \d{4}-\d\d-\d\d$/);
  });

  it('knows the default model, with what its prompt cache costs', async () => {
    const price = await priceOf(call(DEFAULT_MODEL), {}, null, now);
    const [band] = price?.bands ?? [];
    assert.ok(band && band.cachedInput < band.input, JSON.stringify(band));
    assert.equal(band.cacheWrite, 1.25 * band.input);
  });

  it('knows a dated snapshot of a model', async () => {
    const [dated, plain] = [call('gpt-5.5-2026-04-23'), call('gpt-5.5')];
    assert.deepEqual(await priceOf(dated, {}, null, now), await priceOf(plain, {}, null, now));
  });

  it('knows the tiers by length', async () => {
    const price = await priceOf(call('gpt-5.5'), {}, null, now);
    assert.deepEqual(
      price?.bands.map(({ above, input, cachedInput, output }) => [above, input, cachedInput, output]),
      [
        [-1, 5, 0.5, 30],
        [271_999, 10, 1, 45],
      ],
    );
  });

  it('asks no server', async () => {
    const { fetch } = globalThis;
    let asked = 0;
    globalThis.fetch = (...request) => {
      asked++;
      return fetch(...request);
    };
    try {
      await priceOf(call('gpt-5.4-mini'), {}, null, now);
    } finally {
      globalThis.fetch = fetch;
    }
    assert.equal(asked, 0);
  });

  const unknown: [string, ModelCall][] = [
    ['a model that is in no list', call('gpt-99')],
    ["the model of a program's own choice", call(null)],
    ['a model on an unknown server', call('gpt-5.4-mini', { baseUrl: 'http://localhost:11434/v1' })],
    ['another tier of service', call('gpt-5.4-mini', { serviceTier: 'scale' })],
    ['a model whose calls cost beside their tokens', call('sonar', { baseUrl: 'https://api.perplexity.ai' })],
    ['a name that every object has', call('toString')],
  ];
  for (const [what, asked] of unknown) {
    it(`knows no price of ${what}, which isn't 0`, async () => {
      assert.equal(await priceOf(asked, {}, null, now), null);
    });
  }

  it('takes the prices of another provider, by its address', async () => {
    const server = 'https://openrouter.ai/api/v1';
    const model = 'openai/gpt-5.4-mini';
    assert.notEqual(await priceOf(call(model, { baseUrl: server }), {}, null, now), null);
    assert.notEqual(await priceOf(call(model), {}, server, now), null);
  });

  it("puts the config's price first, whatever the server and the tier, and takes it for that of the standard tier", async () => {
    const own = { 'gpt-5.5': { input: 1.25, cachedInput: 0.125, output: 10 } };
    const asked = call('gpt-5.5', { baseUrl: 'http://localhost:1/v1', serviceTier: 'flex' });
    const price = await priceOf(asked, own, null, now);
    assert.deepEqual(price, {
      bands: [{ above: -1, input: 1.25, cachedInput: 0.125, cacheWrite: 1.25, output: 10 }],
      fees: {},
      source: 'config',
    });
  });

  it('charges cached input in full where the config says nothing of it', async () => {
    const price = await priceOf(call('mine'), { mine: { input: 2, output: 4 } }, null, now);
    const usage = { inputTokens: 10, cachedInputTokens: 10, outputTokens: 0, reasoningTokens: 0 };
    assert.equal(price && costOf(usage, price), 0.00002);
  });

  const writes: readonly [string, string, object, number | null][] = [
    ['as the config says', 'gpt-6-luna', { cacheWrite: 7 }, 7],
    ['as OpenAI bills it since GPT-5.6', 'gpt-5.6-sol', {}, 2.5],
    ['as input, for the models before', 'gpt-5.5', {}, 2],
    ['not at all for the models of others, of which it is unknown', 'claude-sonnet-5', {}, null],
  ];
  for (const [how, model, more, cacheWrite] of writes) {
    it(`charges what is written to the cache ${how}`, async () => {
      const price = await priceOf(call(model), { [model]: { input: 2, output: 4, ...more } }, null, now);
      assert.equal(price?.bands[0]?.cacheWrite, cacheWrite);
    });
  }

  it('knows the fees of hosted tools, by the call', async () => {
    const { fees } = (await priceOf(call('gpt-6-luna'), {}, null, now)) ?? {};
    assert.deepEqual(fees, { web_search: 0.01, file_search: 0.0025 });
    const own = { m: { input: 1, output: 1, tools: { code_interpreter: 0.03 } } };
    assert.deepEqual((await priceOf(call('m'), own, null, now))?.fees, { code_interpreter: 0.03 });
  });

  it('knows no fee of a search that is billed in tokens as well', async () => {
    assert.deepEqual((await priceOf(call('gpt-4o-mini'), {}, null, now))?.fees, { file_search: 0.0025 });
  });

  it('takes the price of the day', async () => {
    const before = await priceOf(call('gpt-5.6-sol'), {}, null, new Date('2026-08-01T00:00:00Z'));
    const after = await priceOf(call('gpt-5.6-sol'), {}, null, now);
    assert.deepEqual([before?.bands[0]?.input, after?.bands[0]?.input], [5, 4]);
  });
});

describe('pricedNear', () => {
  it('names listed models whose names are near, the nearest first', async () => {
    assert.equal((await pricedNear(call('gpt-6-lnua'), null))[0], 'gpt-6-luna');
    assert.ok((await pricedNear(call('gpt-6.2-sol'), null)).includes('gpt-6-sol'));
  });

  it('names none where nothing is near, or the list knows no such server', async () => {
    assert.deepEqual(await pricedNear(call('house-of-models'), null), []);
    assert.deepEqual(await pricedNear(call('gpt-6-lnua', { baseUrl: 'https://proxy.example/v1' }), null), []);
    assert.deepEqual(await pricedNear(call('gpt-6-lnua'), 'http://127.0.0.1:1/v1'), []);
  });

  it('never names the model itself: it is listed, but not for this tier', async () => {
    const near = await pricedNear(call('gpt-6-luna', { serviceTier: 'flex' }), null);
    assert.ok(!near.includes('gpt-6-luna'));
  });
});
