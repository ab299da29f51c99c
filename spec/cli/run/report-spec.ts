import assert from 'node:assert/strict';
import { Summary, stepTable } from '../../../lib/cli/run/report.js';
import type { ResultRecord } from '../../../lib/index.js';
import type { StepFigures } from '../../../lib/progress/step-statistics.js';
import { stepLabels } from '../../../lib/step/labels.js';

const NAMES = ['x', 'y', 'openai', 'openai'];

const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

function done(flow: string): ResultRecord {
  return {
    flow,
    index: 0,
    inputs: {},
    status: 'done',
    output: 'x',
    path: null,
    steps: [],
    ms: 1,
    usage,
    costUsd: 0,
    error: null,
  };
}

function failed(
  flow: string,
  step: string | null,
  kind: 'exit' | 'server',
  message: string,
  more: object = {},
): ResultRecord {
  return failedAt(NAMES.indexOf(step ?? ''), flow, kind, message, { step, ...more });
}

/** Fails at the step in this position; before any where that is -1. */
function failedAt(
  place: number,
  flow: string,
  kind: 'exit' | 'server',
  message: string,
  more: object = {},
): ResultRecord {
  const steps = NAMES.slice(0, place + 1).map((name, index) => ({
    name,
    type: name,
    status: index === place ? ('failed' as const) : ('done' as const),
    startedAt: '',
    ms: 0,
    attempts: 1,
  }));
  const step = NAMES[place] ?? null;
  const error = { step, type: step, kind, message, attempts: 1, ...more };
  return { ...done(flow), status: 'failed', output: null, steps, error };
}

function linesOf(...records: ResultRecord[]): string[] {
  const summary = new Summary();
  for (const record of records) summary.add(record);
  return summary.lines(stepLabels(NAMES));
}

describe('Summary', () => {
  const rows: [string, ResultRecord[], string[]][] = [
    ['says nothing of no records', [], []],
    ['says nothing where nothing failed', [done('a'), { ...done('b'), status: 'dropped' }], []],
    ['says nothing of what was cancelled', [{ ...failed('a', 'x', 'exit', 'm'), status: 'cancelled' }], []],
    [
      'groups by step and kind, with the first message of each',
      [
        failed('a', 'x', 'exit', 'one'),
        done('b'),
        failed('c', 'y', 'exit', 'two'),
        failed('d', 'x', 'exit', 'three'),
        failed('e', 'x', 'server', 'four'),
      ],
      [
        '4 failed:',
        '  x: exit x2, first in flow a: one',
        '  y: exit x1, first in flow c: two',
        '  x: server x1, first in flow e: four',
      ],
    ],
    [
      'keeps a message on one line',
      [failed('a', 'x', 'exit', 'one\n  two\r\nthree')],
      ['1 failed:', '  x: exit x1, first in flow a: one | two | three'],
    ],
    [
      'lets nothing through that a terminal would obey',
      [failed('a', 'x', 'exit', '\u001b]0;owned\u0007\u001b[2Jone\b', { hint: 'Do\u009b this.' })],
      ['1 failed:', '  x: exit x1, first in flow a: one (Do  this.)'],
    ],
    [
      'adds the hint',
      [failed('a', 'x', 'exit', 'one', { hint: 'Do this.' })],
      ['1 failed:', '  x: exit x1, first in flow a: one (Do this.)'],
    ],
    [
      'names the branch',
      [{ ...failed('a', 'x', 'exit', 'one'), branch: [2, 0] }],
      ['1 failed:', '  x: exit x1, first in flow a branch 2.0: one'],
    ],
    [
      'tells steps of one name apart',
      [failedAt(2, 'a', 'exit', 'one'), failedAt(3, 'b', 'exit', 'two')],
      ['2 failed:', '  openai#1: exit x1, first in flow a: one', '  openai#2: exit x1, first in flow b: two'],
    ],
    [
      'tells what failed before any step',
      [failed('a', null, 'exit', 'one')],
      ['1 failed:', '  before the first step: exit x1, first in flow a: one'],
    ],
  ];
  for (const [what, records, expected] of rows) {
    it(what, () => assert.deepEqual(linesOf(...records), expected));
  }
});

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
