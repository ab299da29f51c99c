import assert from 'node:assert/strict';
import { TestScheduler } from 'rxjs/testing';
import type { FailureKind } from '../../lib/errors.js';
import type { RunEvent } from '../../lib/flow/events.js';
import type { FlowStatus } from '../../lib/flow/flow.js';
import type { LaneWait } from '../../lib/lanes/lanes.js';
import {
  type PlanLimit,
  type Progress,
  partsOf,
  progressLine,
  progressLines,
  type RunPlan,
} from '../../lib/progress/progress.js';

const plan = { steps: ['draft', 'codex', 'summary'], total: 340 };

function step(type: 'enter' | 'exit', index: number): RunEvent {
  return { type, index, step: plan.steps[index] ?? '', flow: 'f', at: 0 };
}

const finish = (status: FlowStatus): RunEvent => ({ type: 'finish', flow: 'f', status, at: 0 });

function formatProgress(progress: Progress, plan: RunPlan): string {
  return progressLine(partsOf(progress, plan));
}

describe('progressLine', () => {
  it('shows how many flows are at each step, and how many ended', () => {
    const line = formatProgress({ active: [1, 0, 1], finished: 12, failed: 0 }, plan);
    assert.equal(line, 'draft: 1 -> codex: 0 -> summary: 1 | 12/340');
  });

  it('adds the failures', () => {
    const line = formatProgress({ active: [0, 0, 0], finished: 12, failed: 3 }, plan);
    assert.equal(line, 'draft: 0 -> codex: 0 -> summary: 0 | 12/340 (3 failed)');
  });

  it('adds what holds calls back, and for how long', () => {
    const wait = (why: FailureKind, ms: number | null, lane = 'openai') => ({ lane, why, ms });
    const rows: [LaneWait[], string][] = [
      [[wait('rate_limit', 11_400)], ' | openai waits 12 s (429)'],
      [[wait('quota', 4_780_000, 'codex')], ' | codex waits 1 h 20 min (quota)'],
      [[wait('quota', 200_000)], ' | openai waits 4 min (quota)'],
      [[wait('auth', null, 'openai/m'), wait('rate_limit', 999)], ' | openai/m is used up (auth)'],
      [[wait('rate_limit', 20)], ''],
    ];
    for (const [waits, suffix] of rows) {
      const line = formatProgress({ active: [], finished: 1, failed: 0 }, { ...plan, waits: () => waits });
      assert.ok(line.endsWith(` | 1/340${suffix}`), line);
    }
  });

  it('adds a limit that holds calls back for more than two seconds together, each wait being short', () => {
    const limit = (perSecond: number, heldMs: number, name = 'openai') => ({
      ...{ name, perSecond, heldMs, steps: [0], waiting: 3, msFor: () => 0 },
    });
    const wait = (ms: number): LaneWait => ({ lane: 'openai', why: 'rate_limit', ms });
    const rows: [PlanLimit[], LaneWait[], string][] = [
      [[limit(19.96, 2100)], [wait(50)], ' | openai: limited to 20/s'],
      [[limit(1.66, 2100)], [], ' | openai: limited to 1.7/s'],
      [[limit(149.6, 2100)], [], ' | openai: limited to 150/s'],
      [[limit(0.5, 2100, 'openai/m')], [], ' | openai/m: limited to 30/min'],
      [[limit(20, 1900)], [wait(50)], ''],
      [[limit(1, 60_000)], [wait(59_000)], ' | openai waits 59 s (429)'],
      [[limit(20, 2100, 'codex')], [wait(59_000)], ' | openai waits 59 s (429) | codex: limited to 20/s'],
    ];
    for (const [limits, waits, suffix] of rows) {
      const held = { ...plan, waits: () => waits, limits: () => limits };
      const line = formatProgress({ active: [], finished: 1, failed: 0 }, held);
      assert.ok(line.endsWith(` | 1/340${suffix}`), line);
    }
  });

  it('adds what was spent, and how long it takes, before what holds calls back', () => {
    const waits = () => [{ lane: 'openai', why: 'rate_limit' as const, ms: 12_000 }];
    const state = { active: [1, 0, 1], finished: 12, failed: 3 };
    const rows: [Partial<Progress>, string][] = [
      [{ spent: '1.2M tok $0.42', leftMs: 170_000 }, ' | 1.2M tok $0.42 | eta 3m'],
      [{ spent: '1.2M tok $0.42', leftMs: null }, ' | 1.2M tok $0.42'],
      [{ spent: '', leftMs: 5000 }, ' | eta 5s'],
      [{ spent: '' }, ''],
    ];
    for (const [more, expected] of rows) {
      const line = formatProgress({ ...state, ...more }, { ...plan, waits });
      const start = 'draft: 1 -> codex: 0 -> summary: 1 | 12/340 (3 failed)';
      assert.equal(line, `${start}${expected} | openai waits 12 s (429)`);
    }
  });

  it('knows no time that is left where nothing is under way any more', () => {
    const line = formatProgress({ active: [0, 0, 0], finished: 12, failed: 0, leftMs: 5000 }, plan);
    assert.equal(line, 'draft: 0 -> codex: 0 -> summary: 0 | 12/340');
  });

  it('shows an unknown number of flows', () => {
    assert.match(
      formatProgress({ active: [], finished: 1, failed: 0 }, { steps: [], total: null }),
      /1\/\?$/,
    );
  });
});

describe('progressLines', () => {
  it('counts enters, exits and finishes, throttled, and shows the last state at once', () => {
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    const events = {
      a: step('enter', 0),
      b: step('exit', 0),
      c: step('enter', 2),
      d: finish('failed'),
      e: step('exit', 2),
      f: finish('done'),
      g: finish('cancelled'),
      h: finish('dropped'),
    };
    scheduler.run(({ hot, expectObservable }) => {
      const lines$ = progressLines(hot<RunEvent>('-abc----e(fdgh|)', events), plan, 5, scheduler);
      expectObservable(lines$).toBe('v----w---(x|)', {
        v: 'draft: 0 -> codex: 0 -> summary: 0 | 0/340',
        w: 'draft: 0 -> codex: 0 -> summary: 1 | 0/340',
        x: 'draft: 0 -> codex: 0 -> summary: 0 | 4/340 (1 failed)',
      });
    });
  });

  it('tells what the steps told: tokens and dollars, and the time that is left', () => {
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    const usage = { inputTokens: 1_000, cachedInputTokens: 0, outputTokens: 100, reasoningTokens: 0 };
    const facts = { type: 'openai', status: 'done' as const, startedAt: '', attempts: 1 };
    const record = { ...facts, name: 'ask', ms: 10_000, usage, costUsd: 0.07 };
    const at = (ms: number, type: 'enter' | 'exit'): RunEvent => {
      return { type, index: 0, step: 'ask', flow: 'f', at: ms, ...(type === 'exit' && { record }) };
    };
    const events = { a: at(0, 'enter'), b: at(10_000, 'exit'), c: at(10_000, 'enter') };
    scheduler.run(({ hot, expectObservable }) => {
      const asking = { steps: ['ask'], total: 12 };
      const lines$ = progressLines(hot<RunEvent>('(aaa) 9995ms (bbbccc|)', events), asking, 5, scheduler);
      expectObservable(lines$).toBe('x 9999ms (y|)', {
        x: 'ask: 3 | 0/12',
        // six of 10 s to come, and three at work: three at once
        y: 'ask: 3 | 0/12 | 3.3K tok $0.21 | eta 30s',
      });
    });
  });

  it('tells the time that is left by what a limit lets through', () => {
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    const facts = { type: 'openai', status: 'done' as const, startedAt: '', attempts: 1 };
    const record = { ...facts, name: 'ask', ms: 1000 };
    const at = (ms: number, type: 'enter' | 'exit'): RunEvent => {
      return { type, index: 0, step: 'ask', flow: 'f', at: ms, ...(type === 'exit' && { record }) };
    };
    const events = { a: at(0, 'enter'), b: at(1000, 'exit'), c: at(1000, 'enter') };
    scheduler.run(({ hot, expectObservable }) => {
      const msFor = (calls: number) => calls * 1000;
      const limit = { name: 'openai', perSecond: 1, heldMs: 2500, steps: [0], waiting: 2, msFor };
      const asking = { steps: ['ask'], total: 12, limits: () => [limit] };
      const lines$ = progressLines(hot<RunEvent>('(aaa) 995ms (bbbccc|)', events), asking, 5, scheduler);
      expectObservable(lines$).toBe('x 999ms (y|)', {
        x: 'ask: 3 | 0/12 | openai: limited to 1/s',
        // two that wait and six to come, one a second, and the last one takes a second
        y: 'ask: 3 | 0/12 | eta 9s | openai: limited to 1/s',
      });
    });
  });

  it('counts a wait down though nothing happens, until the run is over', () => {
    const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
    scheduler.run(({ hot, expectObservable }) => {
      const waits = () => [{ lane: 'openai', why: 'rate_limit' as const, ms: 3500 - scheduler.now() }];
      const lines$ = progressLines(hot<RunEvent>('2900ms |'), { steps: [], total: 1, waits }, 5, scheduler);
      expectObservable(lines$).toBe('a 999ms b 999ms c 899ms |', {
        a: ' | 0/1 | openai waits 4 s (429)',
        b: ' | 0/1 | openai waits 3 s (429)',
        c: ' | 0/1 | openai waits 2 s (429)',
      });
    });
  });
});
