import assert from 'node:assert/strict';
import { stepTable } from '../../../lib/cli/run/step-table.js';
import type { StepFigures } from '../../../lib/progress/step-statistics.js';

function step(name: string, tokens: number, more: Partial<StepFigures> = {}): StepFigures {
  return {
    name,
    calls: 100,
    retries: 0,
    usage: { inputTokens: tokens, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 },
    cachedShare: null,
    writtenShare: null,
    costUsd: 0,
    knownUsd: 0,
    p50: 812,
    p95: 4200,
    ...more,
  };
}

describe('stepTable', () => {
  const rows: [what: string, steps: StepFigures[], lines: string[]][] = [
    [
      'what the calls of each step came to',
      [
        step('draft', 90_000, { retries: 3, cachedShare: 0.25, costUsd: 0.4, knownUsd: 0.4 }),
        step('words', 0, { p50: 0, p95: 90_000 }),
      ],
      [
        'STEP   CALLS  RETRIES  TOKENS  CACHED  COST   P50    P95',
        'draft    100        3   90000  25%     $0.40  812ms  4.2s',
        'words    100        -       -  -       -      0ms    2m',
      ],
    ],
    [
      'how much of the input was read from the cache, and written to it',
      [step('draft', 90_000, { cachedShare: 0.25, writtenShare: 0.5 })],
      [
        'STEP   CALLS  TOKENS  CACHED  WRITTEN  P50    P95',
        'draft    100   90000  25%     50%      812ms  4.2s',
      ],
    ],
    [
      'no column that is empty',
      [step('draft', 90_000, { cachedShare: 0 })],
      ['STEP   CALLS  TOKENS  P50    P95', 'draft    100   90000  812ms  4.2s'],
    ],
    [
      'costs that are unknown, in part or all',
      [
        step('a', 1, { costUsd: null, knownUsd: 0.4 }),
        step('b', 0, { costUsd: null, calls: 0, p50: null, p95: null }),
      ],
      [
        'STEP  CALLS  TOKENS  COST     P50    P95',
        'a       100       1  $0.40+   812ms  4.2s',
        'b         0       -  unknown  -      -',
      ],
    ],
    ['nothing where no model was asked', [step('words', 0)], []],
    ['nothing of single calls', [step('draft', 90_000, { calls: 1 })], []],
    ['nothing of nothing', [], []],
  ];
  for (const [what, steps, lines] of rows) {
    it(`tells ${what}`, () => assert.deepEqual(stepTable(steps), lines));
  }
});
