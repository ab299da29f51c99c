import assert from 'node:assert/strict';
import type { StepRecord } from '../../lib/flow/flow.js';
import { Spent } from '../../lib/progress/spent.js';

function usageOf(inputTokens: number) {
  return { inputTokens, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
}

function textOf(...facts: Partial<StepRecord>[]): string {
  const spent = new Spent();
  const step = { name: 'ask', type: 'openai', status: 'done', startedAt: '', ms: 1, attempts: 1 } as const;
  for (const more of facts) spent.add({ ...step, ...more });
  return spent.text;
}

const usage = usageOf(600_000);

describe('Spent', () => {
  const rows: [what: string, facts: Partial<StepRecord>[], text: string][] = [
    ['nothing of what asks no model', [{}, {}], ''],
    [
      'tokens and dollars of all calls',
      [
        { usage, costUsd: 0.4 },
        { usage, costUsd: 0.02 },
      ],
      '1.2M tok $0.42',
    ],
    ['few tokens one by one', [{ usage: usageOf(950), costUsd: 0.0007 }], '950 tok $0.0007'],
    [
      'that there is more to it',
      [
        { usage, costUsd: 0.4 },
        { usage, costUsd: null },
      ],
      '1.2M tok $0.40+',
    ],
    ['the usage of a call that broke off', [{ usage, costUsd: 0.4 }, { costUsd: null }], '600K tok $0.40+'],
    ['no dollars where all are unknown', [{ usage, costUsd: null }], '600K tok'],
    ['nothing of calls that were refused', [{ costUsd: 0 }], ''],
    ['dollars without tokens', [{ costUsd: 0.25 }], '$0.25'],
    [
      'nothing twice',
      [
        { usage, costUsd: 1, replayed: true },
        { usage, costUsd: 1, shared: true },
      ],
      '',
    ],
  ];
  for (const [what, facts, text] of rows) {
    it(`tells ${what}`, () => assert.equal(textOf(...facts), text));
  }
});
