import assert from 'node:assert/strict';
import type { StepEvent } from '../../lib/flow/events.js';
import type { StepRecord } from '../../lib/flow/flow.js';
import { RunPace } from '../../lib/progress/run-pace.js';

function event(type: 'enter' | 'exit', at: number, record?: Partial<StepRecord>): StepEvent {
  const step = { type, step: 'ask', index: 0, flow: 'f', at };
  const call = { name: 'ask', type: 'openai', status: 'done', startedAt: '', ms: 0, attempts: 1 } as const;
  return record ? { ...step, record: { ...call, ...record } } : step;
}

/** So many flows come at once and leave after their stay; as many come after them. */
function paceOf(flows: number, stay: number, record: Partial<StepRecord>, doneBefore = 0): RunPace {
  const pace = new RunPace(1, doneBefore);
  for (let flow = 0; flow < flows; flow++) pace.add(event('enter', 0));
  for (let flow = 0; flow < flows; flow++) pace.add(event('exit', stay, record));
  for (let flow = 0; flow < flows; flow++) pace.add(event('enter', stay));
  return pace;
}

function assertClose(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual / expected - 1) < 1e-9, `${actual}, not ${expected}`);
}

describe('RunPace', () => {
  it('tells how long the rest takes, with so many at once', () => {
    assertClose(paceOf(10, 1000, { ms: 1000 }).left(100, 10, 1000), 9000);
  });

  it('knows that who waits does not work', () => {
    // ten are there, of which two work at a time: 90 calls of 1 s
    assertClose(paceOf(10, 5000, { ms: 1000, waitedMs: 4000 }).left(100, 10, 5000), 45_000);
  });

  it('leaves out what only has to be replayed', () => {
    assertClose(paceOf(10, 1000, { ms: 1000 }, 70).left(100, 10, 1000), 2000);
    assertClose(paceOf(10, 1000, { ms: 1000 }, 1000).left(100, 10, 1000), 1000);
  });

  it('knows nothing from what was replayed', () => {
    assert.equal(paceOf(10, 1, { ms: 1000, replayed: true }).left(100, 10, 1), null);
  });

  it('tells nothing before enough is known, and nothing of no rest', () => {
    assert.equal(paceOf(2, 1000, { ms: 1000 }).left(100, 2, 1000), null);
    const pace = new RunPace(1);
    for (let flow = 0; flow < 5; flow++) pace.add(event('enter', 0));
    for (let flow = 0; flow < 5; flow++) pace.add(event('exit', 1000, { ms: 1000 }));
    assert.equal(pace.left(5, 5, 1000), null);
  });
});
