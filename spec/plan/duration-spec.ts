import assert from 'node:assert/strict';
import type { LanesSettings } from '../../lib/lanes/settings.js';
import { durationOf } from '../../lib/plan/duration.js';
import type { ModelForecast, StepForecast } from '../../lib/plan/step-forecast.js';

function step(count: number, ms: number | null, more: Partial<StepForecast> = {}): StepForecast {
  return {
    name: 'draft',
    type: 'openai',
    calls: { count, bound: 'exact' },
    sharedCalls: null,
    model: null,
    ms,
    parallel: null,
    ...more,
  };
}

const model: ModelForecast = {
  name: 'mine',
  price: null,
  near: [],
  tier: 'standard',
  tools: [],
  prompt: { perFlow: 10, perPrompt: 10, how: 'exact', counted: 1 },
  input: { count: 0, bound: 'exact' },
  inputTokens: { low: 0, expected: 50_000, high: 0 },
  outputTokens: { low: 0, expected: 10_000, high: 0 },
  costUsd: { low: 0, expected: 0, high: 0 },
};

const asking: Partial<StepForecast> = { model };

describe('durationOf', () => {
  const rows: [
    what: string,
    steps: StepForecast[],
    parallel: number,
    lanes: LanesSettings,
    ms: number,
    limit: string,
  ][] = [
    ['the flows at once', [step(100, 1000), step(100, 3000)], 10, {}, 40_000, 'parallel'],
    ['one flow from end to end', [step(3, 1000), step(3, 3000)], 10, {}, 4000, 'parallel'],
    ["a step's own cap", [step(100, 1000, { parallel: 2 })], 10, {}, 50_000, 'draft: parallel'],
    [
      "a lane's concurrency",
      [step(100, 1000)],
      10,
      { openai: { concurrency: 5 } },
      20_000,
      'openai: concurrency',
    ],
    ['requests a minute', [step(100, 1000)], 10, { openai: { rpm: 50 } }, 120_000, 'openai: rpm'],
    ['tokens a minute', [step(100, 1000, asking)], 10, { openai: { tpm: 20_000 } }, 180_000, 'openai: tpm'],
    [
      'limits of its model',
      [step(100, 1000, asking)],
      10,
      { 'openai/mine': { rpm: 50 } },
      120_000,
      'openai: rpm',
    ],
    [
      'what is said of its model before what is said of its type',
      [step(100, 1000, asking)],
      10,
      { openai: { rpm: 10, concurrency: 2 }, 'openai/mine': { rpm: 500 } },
      50_000,
      'openai: concurrency',
    ],
    [
      'each model by itself',
      [step(100, 1000, asking), step(20, 1000, { model: { ...model, name: 'other' } })],
      60,
      { openai: { rpm: 50 } },
      120_000,
      'openai/mine: rpm',
    ],
    ['limits of another lane', [step(100, 1000)], 10, { codex: { rpm: 1 } }, 10_000, 'parallel'],
  ];
  for (const [what, steps, parallel, lanes, ms, limit] of rows) {
    it(`goes by ${what}`, () => {
      assert.deepEqual(durationOf(steps, parallel, lanes), { ms, limit, unknown: [] });
    });
  }

  it('leaves out what is unknown, and says so', () => {
    const steps = [step(100, 1000), step(100, null, { name: 'words', type: 'cmd' })];
    assert.deepEqual(durationOf(steps, 10, {}), { ms: 10_000, limit: 'parallel', unknown: ['words'] });
  });

  it('is unknown where nothing is known', () => {
    assert.deepEqual(durationOf([step(100, null)], 10, {}), { ms: null, limit: null, unknown: ['draft'] });
  });
});
