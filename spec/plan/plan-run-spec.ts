import assert from 'node:assert/strict';
import { tokenizerFor } from '../../lib/money/tokenizer.js';
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
});
