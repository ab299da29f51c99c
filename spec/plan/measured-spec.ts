import assert from 'node:assert/strict';
import type { StepRecord } from '../../lib/flow/flow.js';
import type { Forecast } from '../../lib/plan/forecast.js';
import { remeasured } from '../../lib/plan/measured.js';
import type { Planned } from '../../lib/plan/plan-run.js';
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

/** With the records by their names, as none of these steps shares one; each flow has as many as another. */
function anew(planned: Planned, records: readonly StepRecord[], flows: number): Forecast {
  const bySteps = planned.steps.map(({ step }) => records.filter(({ name }) => name === step.name));
  return anewBySteps(planned, bySteps, flows);
}

/** Prompts are as long as the first one of their step. */
function anewBySteps(
  { forecast, steps }: Planned,
  records: readonly (readonly StepRecord[])[],
  flows: number,
): Forecast {
  const calls = records.map((ofStep, place) => {
    const promptTokens = steps[place]?.model?.prompts.lengths[0]?.tokens ?? 0;
    return ofStep.map((record, number) => ({ record, flow: number % flows, promptTokens }));
  });
  return remeasured(forecast, steps, { calls, flows: Array.from({ length: flows }, (_, index) => index) });
}

/** A quarter of the mean is the least spread that is taken for granted. */
function around(expected: number, values: number, of: number) {
  const half = ((expected / 4) * Math.sqrt(1 - values / of)) / Math.sqrt(values);
  return { low: Math.round(expected - half), expected, high: Math.round(expected + half) };
}

/** 1,000 flows. */
async function thousand(steps: Parameters<typeof planned>[0]['steps']) {
  const lines = Array<string>(1000).fill('a.md');
  return planned({ files: { 'a.md': 'a' }, lists: { doc: lines }, steps, prices, parallel: 10 });
}

describe('remeasured', () => {
  it('goes by what calls used', async () => {
    const plan = await thousand([draft, review]);
    const records = Array.from({ length: 10 }, () => [
      record('draft', 10, 100),
      record('review', 120, 50),
    ]).flat();
    const again = anew(plan, records, 10);
    const [first, second] = again.steps;
    assert.equal(first?.model?.costUsd.expected, 1.02);
    assert.deepEqual(first?.model?.outputTokens, around(100_000, 10, 1000));
    assert.equal(second?.model?.inputTokens.expected, 120_000);
    assert.deepEqual(second?.model?.input, { count: 120_000, bound: 'about' });
    assert.deepEqual([again.measured, again.flows], [10, 1000]);
    // 1,000 flows of two calls of 2 s, ten at once
    assert.equal(again.time.ms, 400_000);
    assert.deepEqual(again.assumptions, [
      'All flows are like the 10 that were run, but for the lengths of their prompts, which are counted.',
    ]);
  });

  it('is as sure as the calls are alike', async () => {
    const plan = await thousand([draft]);
    const lengths = Array.from({ length: 100 }, (_, call) => 500 + (call % 2) * 1000);
    const again = anew(
      plan,
      lengths.map((length) => record('draft', 10, length)),
      100,
    );
    const { low, expected, high } = again.total.outputTokens;
    // 1,000 ± 2.1 × 500 / 10 tokens a call, of which a tenth is known
    assert.equal(expected, 1_000_000);
    assert.ok(Math.abs((low ?? 0) - 900_000) < 2000 && Math.abs((high ?? 0) - 1_100_000) < 2000);
  });

  it('keeps the bounds that were assumed where one call is all that it knows', async () => {
    const again = anew(await thousand([draft]), [record('draft', 10, 100)], 1);
    assert.deepEqual(again.total.outputTokens, { low: 0, expected: 100_000, high: 4_000_000 });
  });

  it('knows all where all flows were run', async () => {
    const plan = await planned({ steps: [draft], prices });
    assert.deepEqual(anew(plan, [record('draft', 10, 100)], 1).total.costUsd, {
      low: 0.00102,
      expected: 0.00102,
      high: 0.00102,
    });
  });

  it('tells steps of one name apart', async () => {
    const { name: _, ...nameless } = draft;
    const plan = await thousand([nameless, nameless]);
    const { steps } = anewBySteps(plan, [[record('openai', 10, 100)], [record('openai', 10, 50)]], 1);
    assert.deepEqual(
      steps.map(({ model }) => model?.outputTokens.expected),
      [100_000, 50_000],
    );
  });

  it('knows how many branches flows have', async () => {
    const plan = await thousand([{ ...draft, array: true }, review]);
    const records = [record('draft', 10, 100), ...Array<StepRecord>(5).fill(record('review', 120, 50))];
    const [, second] = anew(plan, [...records, ...records], 2).steps;
    assert.deepEqual(second?.calls, { count: 5000, bound: 'about' });
    assert.equal(second?.model?.outputTokens.expected, 250_000);
  });

  it('keeps to what was assumed where nothing was measured', async () => {
    const plan = await thousand([draft, review]);
    const records = [
      record('draft', 10, 100),
      record('draft', 10, 100),
      record('review', 0, 0, { replayed: true }),
      record('review', 0, 0, { shared: true }),
    ];
    const again = anew(plan, records, 2);
    assert.deepEqual(again.steps[1], plan.forecast.steps[1]);
    assert.match(again.assumptions.join(), /Nothing was measured of review/);
  });

  it('goes by what records say that they cost: they know their attempts', async () => {
    const records = [
      record('draft', 10, 100, { costUsd: 0.002 }),
      record('draft', 10, 100, { costUsd: 0.004 }),
    ];
    assert.equal(anew(await thousand([draft]), records, 2).total.costUsd.expected, 3);
  });

  it('takes unreported tokens for unknown, not for none', async () => {
    const plan = await thousand([draft]);
    const { usage: _, ...silent } = record('draft', 0, 0, { costUsd: null });
    const again = anew(plan, [silent, silent], 2);
    assert.deepEqual(again.total.costUsd, plan.forecast.total.costUsd);
    assert.equal(again.steps[0]?.ms, 2000);
    assert.match(again.assumptions.join(), /Nothing was measured of draft/);
  });

  it('leaves out what was cancelled, or never called', async () => {
    const more = [record('draft', 0, 0, { status: 'cancelled' }), record('draft', 0, 0, { attempts: 0 })];
    const again = anew(await thousand([draft]), [record('draft', 10, 100), ...more], 1);
    assert.equal(again.total.outputTokens.expected, 100_000);
  });

  it('leaves an unknown price unknown', async () => {
    const plan = await thousand([{ ...draft, model: 'gpt-99' }]);
    const again = anew(plan, [record('draft', 10, 100), record('draft', 10, 100)], 2);
    assert.deepEqual(again.total.costUsd, { low: null, expected: null, high: null });
  });

  it('keeps what is counted: one long prompt costs what it did, though no flow with it was run', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`${n}.md`, 'word '.repeat(20 + n)]),
    );
    const all = { ...files, '7.md': 'word '.repeat(100_000) };
    const steps = [{ ...draft, prompt: 'Sum up: {{{doc}}}' }];
    const plan = await planned({ files: all, lists: { doc: Object.keys(all) }, steps, prices });
    const flows = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18];
    const calls = await Promise.all(
      flows.map(async (flow) => {
        const promptTokens = await plan.promptTokens(0, flow);
        return { record: record('draft', promptTokens + 8, 30 + flow), flow, promptTokens };
      }),
    );
    const again = remeasured(plan.forecast, plan.steps, { calls: [calls], flows });
    const real = 100_000 * 2e-6;
    const { low, expected, high } = again.total.costUsd;
    assert.ok((low ?? 0) < (expected ?? 0) && (expected ?? 0) < (high ?? 0));
    assert.ok(Math.abs((expected ?? 0) / (real + 0.01) - 1) < 0.1, `${expected}`);
    assert.equal(again.dearest[0]?.inputs.doc, '7.md');
    assert.ok((again.dearest[0]?.share ?? 0) > 0.9);
  });

  it('knows what caches save', async () => {
    const usage = { inputTokens: 1000, cachedInputTokens: 900, outputTokens: 0, reasoningTokens: 0 };
    const plan = await thousand([draft]);
    const cached = Array.from({ length: 10 }, () => record('draft', 0, 0, { usage, costUsd: 0.001 }));
    const { low, expected, high } = anew(plan, cached, 10).total.costUsd;
    assert.equal(expected, 1);
    assert.ok((low ?? 0) < 1 && (high ?? 0) > 1.9, 'others may not be cached');
  });

  it('says that it was simulated', async () => {
    const again = anew(await thousand([draft]), [record('draft', 10, 100, { simulated: true })], 1);
    assert.ok(again.assumptions.some((sentence) => /^The pilot was simulated/.test(sentence)));
  });
});
