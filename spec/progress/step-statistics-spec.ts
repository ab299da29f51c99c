import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import type { RunEvent } from '../../lib/flow/events.js';
import type { StepRecord } from '../../lib/flow/flow.js';
import { StepStatistics, statisticsOf } from '../../lib/progress/step-statistics.js';

function record(name: string, more: Partial<StepRecord> = {}): StepRecord {
  return { name, type: 'openai', status: 'done', startedAt: '', ms: 100, attempts: 1, ...more };
}

const usage = { inputTokens: 100, cachedInputTokens: 25, outputTokens: 10, reasoningTokens: 5 };

describe('StepStatistics', () => {
  it('adds up the calls of each step, in the order of the steps', () => {
    const statistics = new StepStatistics(['draft', 'review']);
    statistics.add(1, record('review', { usage, ms: 3000, costUsd: 0.2 }));
    for (const ms of [100, 200, 300])
      statistics.add(0, record('draft', { usage, ms, attempts: 2, costUsd: 0.1 }));
    const [draft, review] = statistics.figures();
    assert.equal(draft?.name, 'draft');
    assert.deepEqual([draft?.calls, draft?.retries, draft?.costUsd], [3, 3, 0.3]);
    assert.deepEqual([draft?.usage.inputTokens, draft?.cachedShare], [300, 0.25]);
    assert.ok(Math.abs((draft?.p50 ?? 0) / 200 - 1) < 0.02);
    assert.ok(Math.abs((draft?.p95 ?? 0) / 300 - 1) < 0.02);
    assert.deepEqual([review?.calls, review?.retries, review?.costUsd], [1, 0, 0.2]);
  });

  it('leaves out what was shared or replayed: it cost nothing', () => {
    const statistics = new StepStatistics(['draft']);
    statistics.add(0, record('draft', { usage, shared: true, costUsd: 0.1 }));
    statistics.add(0, record('draft', { usage, replayed: true, costUsd: 0.1 }));
    const [draft] = statistics.figures();
    assert.deepEqual([draft?.calls, draft?.costUsd, draft?.p50, draft?.cachedShare], [0, 0, null, null]);
  });

  it('counts failures: they took time, and may have cost money', () => {
    const statistics = new StepStatistics(['draft']);
    statistics.add(0, record('draft', { usage, status: 'failed', attempts: 4, costUsd: 0.1 }));
    const [draft] = statistics.figures();
    assert.deepEqual([draft?.calls, draft?.retries, draft?.costUsd], [1, 3, 0.1]);
  });

  it('never takes what is unknown for 0', () => {
    const statistics = new StepStatistics(['draft']);
    statistics.add(0, record('draft', { usage, costUsd: 0.1 }));
    statistics.add(0, record('draft', { usage, costUsd: null }));
    const [draft] = statistics.figures();
    assert.deepEqual([draft?.costUsd, draft?.knownUsd], [null, 0.1]);
  });

  it('tells steps of one name apart', () => {
    const statistics = new StepStatistics(['openai', 'openai']);
    statistics.add(1, record('openai', { usage }));
    assert.deepEqual(
      statistics.figures().map(({ name, calls }) => [name, calls]),
      [
        ['openai', 0],
        ['openai', 1],
      ],
    );
  });

  it('leaves out what never was called, and costs nothing where no model was asked', () => {
    const statistics = new StepStatistics(['words']);
    statistics.add(0, record('words', { status: 'cancelled', attempts: 0 }));
    statistics.add(0, record('words'));
    const [words] = statistics.figures();
    assert.deepEqual([words?.calls, words?.costUsd, words?.cachedShare], [1, 0, null]);
  });

  it('listens to the events of a run', () => {
    const events = new Subject<RunEvent>();
    const statistics = statisticsOf(events, ['draft', 'review']);
    const event = { step: 'review', index: 1, flow: 'f', at: 0 } as const;
    events.next({ type: 'enter', ...event });
    events.next({ type: 'exit', ...event, record: record('review', { usage, costUsd: 0.1 }) });
    events.next({ type: 'exit', ...event });
    assert.deepEqual(
      statistics.figures().map(({ calls, knownUsd }) => [calls, knownUsd]),
      [
        [0, 0],
        [1, 0.1],
      ],
    );
  });
});
