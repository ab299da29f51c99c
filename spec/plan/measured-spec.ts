import assert from 'node:assert/strict';
import type { StepRecord } from '../../lib/flow.js';
import type { Forecast } from '../../lib/plan/forecast.js';
import { remeasured } from '../../lib/plan/measured.js';
import { planned } from '../helpers/planned.js';

const prices = { mine: { input: 2, output: 10 } };
const draft = { type: 'openai', name: 'draft', model: 'mine', prompt: 'Write a poem' };
const review = { ...draft, name: 'review', prompt: 'Review it' };

function record(
  name: string,
  inputTokens: number,
  outputTokens: number,
  more: Partial<StepRecord> = {},
): StepRecord {
  const usage = { inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 };
  return { name, type: 'openai', status: 'done', startedAt: '', ms: 2000, attempts: 1, usage, ...more };
}

/** With the records by their names, as none of these steps shares one. */
function anew(forecast: Forecast, records: readonly StepRecord[], flows: number): Forecast {
  const bySteps = forecast.steps.map(({ name }) => records.filter((record) => record.name === name));
  return remeasured(forecast, bySteps, flows);
}

/** 1,000 flows. */
async function thousand(steps: Parameters<typeof planned>[0]['steps']) {
  const lines = Array<string>(1000).fill('a.md');
  const { forecast } = await planned({
    files: { 'a.md': 'a' },
    lists: { doc: lines },
    steps,
    prices,
    parallel: 10,
  });
  return forecast;
}

describe('remeasured', () => {
  it('goes by what calls used', async () => {
    const forecast = await thousand([draft, review]);
    const records = Array.from({ length: 10 }, () => [
      record('draft', 10, 100),
      record('review', 120, 50),
    ]).flat();
    const again = anew(forecast, records, 10);
    const [first, second] = again.steps;
    assert.deepEqual(first?.model?.costUsd, { low: 1.02, expected: 1.02, high: 1.02 });
    assert.deepEqual(second?.model?.inputTokens, { low: 120_000, expected: 120_000, high: 120_000 });
    assert.deepEqual(second?.model?.input, { count: 120_000, bound: 'about' });
    assert.deepEqual([again.measured, again.flows], [10, 1000]);
    // 1,000 flows of two calls of 2 s, ten at once
    assert.equal(again.time.ms, 400_000);
    assert.deepEqual(again.assumptions, ['All flows are like the 10 that were run.']);
  });

  it('is as sure as the calls are alike', async () => {
    const forecast = await thousand([draft]);
    const lengths = Array.from({ length: 100 }, (_, call) => 500 + (call % 2) * 1000);
    const again = anew(
      forecast,
      lengths.map((length) => record('draft', 10, length)),
      100,
    );
    const { low, expected, high } = again.total.outputTokens;
    // 1,000 ± 2 × 500 / 10 tokens a call
    assert.equal(expected, 1_000_000);
    assert.ok(Math.abs((low ?? 0) - 900_000) < 1000 && Math.abs((high ?? 0) - 1_100_000) < 1000);
  });

  it('knows no bounds from one call', async () => {
    const again = anew(await thousand([draft]), [record('draft', 10, 100)], 1);
    assert.deepEqual(again.total.outputTokens, { low: null, expected: 100_000, high: null });
  });

  it('tells steps of one name apart', async () => {
    const { name: _, ...nameless } = draft;
    const forecast = await thousand([nameless, nameless]);
    const { steps } = remeasured(forecast, [[record('openai', 10, 100)], [record('openai', 10, 50)]], 1);
    assert.deepEqual(
      steps.map(({ model }) => model?.outputTokens.expected),
      [100_000, 50_000],
    );
  });

  it('knows how many branches flows have', async () => {
    const forecast = await thousand([{ ...draft, array: true }, review]);
    const records = [record('draft', 10, 100), ...Array<StepRecord>(5).fill(record('review', 120, 50))];
    const [, second] = anew(forecast, [...records, ...records], 2).steps;
    assert.deepEqual(second?.calls, { count: 5000, bound: 'about' });
    assert.equal(second?.model?.outputTokens.expected, 250_000);
  });

  it('keeps to what was assumed where nothing was measured', async () => {
    const forecast = await thousand([draft, review]);
    const records = [
      record('draft', 10, 100),
      record('draft', 10, 100),
      record('review', 0, 0, { replayed: true }),
      record('review', 0, 0, { shared: true }),
    ];
    const again = anew(forecast, records, 2);
    assert.deepEqual(again.steps[1], forecast.steps[1]);
    assert.match(again.assumptions.join(), /Nothing was measured of review/);
  });

  it('goes by what records say that they cost: they know their attempts', async () => {
    const records = [
      record('draft', 10, 100, { costUsd: 0.002 }),
      record('draft', 10, 100, { costUsd: 0.004 }),
    ];
    assert.equal(anew(await thousand([draft]), records, 2).total.costUsd.expected, 3);
  });

  it('takes tokens that nobody told for unknown, not for none', async () => {
    const forecast = await thousand([draft]);
    const { usage: _, ...silent } = record('draft', 0, 0, { costUsd: null });
    const again = anew(forecast, [silent, silent], 2);
    assert.deepEqual(again.total.costUsd, forecast.total.costUsd);
    assert.equal(again.steps[0]?.ms, 2000);
    assert.match(again.assumptions.join(), /Nothing was measured of draft/);
  });

  it('leaves out what was cancelled, or never called', async () => {
    const more = [record('draft', 0, 0, { status: 'cancelled' }), record('draft', 0, 0, { attempts: 0 })];
    const again = anew(await thousand([draft]), [record('draft', 10, 100), ...more], 1);
    assert.equal(again.total.outputTokens.expected, 100_000);
  });

  it('still knows no price that nobody knows', async () => {
    const forecast = await thousand([{ ...draft, model: 'gpt-99' }]);
    const again = anew(forecast, [record('draft', 10, 100), record('draft', 10, 100)], 2);
    assert.deepEqual(again.total.costUsd, { low: null, expected: null, high: null });
  });
});
