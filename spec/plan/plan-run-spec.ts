import assert from 'node:assert/strict';
import { tokenizerFor } from '../../lib/plan/tokenizer.js';
import { planned } from '../helpers/planned.js';

const prices = { mine: { input: 2, output: 10 } };
const one = { type: 'openai', model: 'mine', prompt: 'Write a poem' };
const files = { 'a.md': 'a', 'b.md': 'b' };

describe('planRun', () => {
  it('prices calls by the tokens of prompts and assumed answers', async () => {
    const { count } = await tokenizerFor(null);
    const input = count('Write a poem');
    const { forecast } = await planned({
      files,
      lists: { doc: ['a.md', 'b.md'] },
      steps: [one],
      prices,
    });
    const [step] = forecast.steps;
    // two calls: input × $2 and 200, 1,000 or 4,000 × $10 a million tokens
    const cost = (output: number) => (2 * (input * 2 + output * 10)) / 1e6;
    assert.deepEqual(step?.model?.costUsd, { low: cost(200), expected: cost(1000), high: cost(4000) });
    assert.deepEqual(forecast.total.costUsd, step?.model?.costUsd);
    assert.equal(step?.model?.price?.source, 'config');
  });

  it('knows the longest answer that a step allows', async () => {
    const { forecast } = await planned({ steps: [{ ...one, request: { max_output_tokens: 300 } }], prices });
    assert.deepEqual(forecast.total.outputTokens, { low: 200, expected: 300, high: 300 });
  });

  it('takes the answers of earlier steps for input', async () => {
    const { forecast } = await planned({ steps: [one, { ...one, prompt: 'Shorten it' }], prices });
    const { count } = await tokenizerFor(null);
    const own = count('Shorten it');
    const [, second] = forecast.steps;
    assert.deepEqual(second?.model?.inputTokens, { low: own + 200, expected: own + 1000, high: own + 4000 });
    assert.deepEqual(second?.model?.input, { count: own, bound: 'at least' });
  });

  it('knows no highest input where a command puts out who knows what', async () => {
    const { forecast } = await planned({ steps: [{ type: 'cmd', cmd: ['ls'] }, one], prices });
    const [cmd, second] = forecast.steps;
    assert.equal(cmd?.model, null);
    assert.equal(second?.model?.inputTokens.high, null);
    assert.equal(second?.model?.costUsd.high, null);
  });

  it('knows that codex sends more than its prompt, without an upper bound', async () => {
    const { forecast } = await planned({
      steps: [{ type: 'codex', model: 'mine', prompt: 'Fix it' }],
      prices,
    });
    const { count } = await tokenizerFor(null);
    const own = count('Fix it');
    const { inputTokens, costUsd } = forecast.total;
    assert.deepEqual(inputTokens, { low: own + 20_000, expected: own + 32_000, high: null });
    assert.deepEqual(costUsd.high, null);
    assert.ok(forecast.assumptions.some((sentence) => /codex sends 20,000 \(low\) or 32,000/.test(sentence)));
  });

  it('never takes an unknown price for 0', async () => {
    const { forecast } = await planned({
      steps: [one, { type: 'codex', name: 'fix', prompt: 'x' }, { ...one, name: 'other', model: 'gpt-99' }],
      prices,
    });
    const { costUsd, knownUsd, unpriced } = forecast.total;
    assert.deepEqual(costUsd, { low: null, expected: null, high: null });
    assert.deepEqual(unpriced, ['fix', 'other']);
    assert.deepEqual(knownUsd, forecast.steps[0]?.model?.costUsd);
  });

  it('says what writing the input to a cache would cost, where that is billed and prompts are long enough', async () => {
    const long = { ...one, model: 'gpt-6-luna', prompt: 'word '.repeat(10_000) };
    const own = { 'gpt-6-luna': { input: 1, output: 10 } };
    const { forecast } = await planned({
      files,
      lists: { doc: ['a.md', 'b.md'] },
      steps: [long],
      prices: own,
    });
    // 2 × 10,001 tokens at $1, and 2 × 1,000 of answers at $10, per million
    const [sentence] = forecast.assumptions.filter((text) => text.includes('written'));
    assert.match(
      sentence ?? '',
      /^No input is written to a cache\. gpt-6-luna bills that: .* 25 % more, \$0\.005\d? \(13 % of all/,
    );
    for (const steps of [[{ ...long, prompt: 'short' }], [{ ...long, model: 'mine' }]]) {
      const { forecast: other } = await planned({ steps, prices: { ...own, ...prices } });
      assert.ok(!other.assumptions.some((text) => text.includes('written')));
    }
  });

  it('counts a call of each hosted tool, and knows no most', async () => {
    const searching = { ...one, model: 'm', request: { tools: [{ type: 'web_search' }] } };
    const own = { m: { input: 0, output: 0, tools: { web_search: 0.01 } } };
    const { forecast } = await planned({ steps: [searching], prices: own });
    assert.deepEqual(forecast.total.costUsd, { low: 0, expected: 0.01, high: null });
    assert.ok(forecast.assumptions.some((text) => text.startsWith('A call uses web_search once')));
    const { forecast: unknown } = await planned({
      steps: [searching],
      prices: { m: { input: 0, output: 0 } },
    });
    assert.deepEqual(unknown.total.costUsd, { low: 0, expected: null, high: null });
  });

  it('prices the tier that is asked for', async () => {
    const asked = (service_tier: string) => ({ ...one, request: { service_tier } });
    const cost = async (step: typeof one) =>
      (await planned({ steps: [step], prices })).forecast.total.costUsd.expected;
    const standard = await cost(one);
    assert.ok(standard !== null);
    assert.deepEqual([await cost(asked('flex')), await cost(asked('fast'))], [standard / 2, standard * 2]);
    assert.equal(await cost(asked('scale')), null);
  });

  it('adds dollars without dust', async () => {
    const again = { ...one, previous: false };
    const { forecast } = await planned({ steps: [one, again, again], prices });
    const { expected } = forecast.steps[0]?.model?.costUsd ?? { expected: null };
    assert.equal(expected, 0.010006);
    assert.equal(forecast.total.costUsd.expected, 0.030018);
  });

  it('knows no highest cost after an array', async () => {
    const { forecast } = await planned({ steps: [{ ...one, array: true }, one], prices });
    assert.equal(forecast.total.costUsd.high, null);
    assert.ok(forecast.assumptions.some((sentence) => /^Each array has one element/.test(sentence)));
  });

  it('tells which files would be read, each once', async () => {
    const { forecast } = await planned({
      files: { 'a.md': '12345', 'b.md': '123' },
      lists: { doc: ['a.md', 'b.md', 'a.md'], rule: ['b.md'] },
      steps: [{ ...one, prompt: '{{{doc.path}}} {{{rule}}}' }],
    });
    assert.deepEqual(forecast.files, { count: 2, bytes: 8 });
    assert.equal(forecast.flows, 3);
  });

  it('warns as a run does', async () => {
    const { warnings } = await planned({ files, lists: { doc: ['a.md', 'b.md'] }, steps: [one] });
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['no step uses it, and it multiplies the flows by 2: 2 instead of 1'],
    );
    await assert.rejects(
      planned({ files, lists: { doc: ['a.md', 'b.md'] }, steps: [one], allowUnusedKey: false }),
      /key doc: no step uses it/,
    );
  });

  it('refuses what a run refuses', async () => {
    await assert.rejects(planned({ steps: [{ type: 'openai', prmpt: 'x' }] }), /did you mean "prompt"\?/);
  });

  it('plans one flow where there are no keys', async () => {
    const { forecast } = await planned({ steps: [{ type: 'cmd', cmd: ['ls'] }] });
    assert.deepEqual([forecast.flows, forecast.total.calls.count, forecast.time.ms], [1, 1, null]);
  });

  it('prices each prompt by its own length', async () => {
    const { forecast } = await planned({
      files: { 'a.md': 'word '.repeat(300_000), 'b.md': 'word' },
      lists: { doc: ['a.md', 'b.md'] },
      steps: [
        { type: 'openai', model: 'gpt-6-luna', prompt: '{{{doc}}}', request: { max_output_tokens: 1 } },
      ],
    });
    // From 272,000 tokens on a token costs twice as much: on average no prompt is that long.
    assert.ok(Math.abs((forecast.total.costUsd.expected ?? 0) - 300_000 * 0.2e-6) < 0.001);
  });

  it('names the five dearest prompts of all steps, and what part of the cost they are', async () => {
    const docs = Array.from({ length: 10 }, (_, n) => `${n}.md`);
    const { forecast } = await planned({
      files: Object.fromEntries(docs.map((name, n) => [name, 'word '.repeat(n === 3 ? 100_000 : 10 * n)])),
      lists: { doc: docs, n: ['0.md', '1.md'] },
      steps: [
        { ...one, name: 'draft', prompt: 'Review {{{doc}}}' },
        { ...one, name: 'title', prompt: 'Name {{{doc.file}}}', previous: false },
      ],
      prices,
    });
    const [first, ...others] = forecast.dearest;
    assert.deepEqual([first?.step, first?.inputs, others.length], ['draft', { doc: '3.md' }, 4]);
    // two flows with it: 100,000 tokens for $2 a million, and 1,000 of answer for $10
    assert.ok(Math.abs((first?.costUsd ?? 0) - 2 * 0.21) < 0.001);
    const share = (first?.costUsd ?? 0) / (forecast.total.costUsd.expected ?? 1);
    assert.ok(Math.abs((first?.share ?? 0) - share) < 0.001);
    assert.deepEqual(
      others.map(({ inputs }) => inputs.doc),
      ['9.md', '8.md', '7.md', '6.md'],
    );
  });

  it('names them by their tokens where a price is unknown', async () => {
    const docs = Array.from({ length: 10 }, (_, n) => `${n}.md`);
    const { forecast } = await planned({
      files: Object.fromEntries(docs.map((name, n) => [name, 'word '.repeat(1000 * n)])),
      lists: { doc: docs },
      steps: [{ ...one, model: 'gpt-99', prompt: '{{{doc}}}' }],
    });
    assert.deepEqual([forecast.dearest[0]?.inputs.doc, forecast.dearest[0]?.costUsd], ['9.md', null]);
    assert.ok((forecast.dearest[0]?.share ?? 0) > 0.15);
  });

  it('names none where all calls are few', async () => {
    const { forecast } = await planned({ files, lists: { doc: ['a.md', 'b.md'] }, steps: [one], prices });
    assert.deepEqual(forecast.dearest, []);
  });
});
