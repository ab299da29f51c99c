import assert from 'node:assert/strict';
import { TestScheduler } from 'rxjs/testing';
import type { FailureKind } from '../lib/errors.js';
import type { RunEvent } from '../lib/events.js';
import type { LaneWait } from '../lib/lanes/lanes.js';
import { formatProgress, progressLines } from '../lib/progress.js';

const plan = { steps: ['draft', 'codex', 'summary'], total: 340 };

function step(type: 'enter' | 'exit', index: number): RunEvent {
  return { type, index, step: plan.steps[index] ?? '', flow: 'f', at: 0 };
}

const finish = (status: 'done' | 'failed'): RunEvent => ({ type: 'finish', flow: 'f', status, at: 0 });

describe('formatProgress', () => {
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

  it('says when nobody knows how many there will be', () => {
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
    };
    scheduler.run(({ hot, expectObservable }) => {
      const lines$ = progressLines(hot<RunEvent>('-abc----e(fd|)', events), plan, 5, scheduler);
      expectObservable(lines$).toBe('v----w---(x|)', {
        v: 'draft: 0 -> codex: 0 -> summary: 0 | 0/340',
        w: 'draft: 0 -> codex: 0 -> summary: 1 | 0/340',
        x: 'draft: 0 -> codex: 0 -> summary: 0 | 2/340 (1 failed)',
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
