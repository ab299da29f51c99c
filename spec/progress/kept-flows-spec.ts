import assert from 'node:assert/strict';
import type { RunEvent } from '../../lib/flow/events.js';
import type { StepRecord } from '../../lib/flow/flow.js';
import { KeptFlows } from '../../lib/progress/kept-flows.js';

const call = { name: 'ask', type: 'openai', status: 'done', startedAt: '', ms: 0, attempts: 1 } as const;

function enter(flow: string, index = 0): RunEvent {
  return { type: 'enter', step: 'ask', index, flow, at: 0 };
}

function exit(flow: string, index = 0, record: Partial<StepRecord> = {}): RunEvent {
  return { type: 'exit', step: 'ask', index, flow, at: 0, record: { ...call, ...record } };
}

function finish(flow: string, more: { readonly replayed?: true } = {}): RunEvent {
  return { type: 'finish', flow, status: 'done', at: 0, ...more };
}

const replayed = { replayed: true } as const;

/** How many have ended, and how many of them are kept, after these events. */
function counted(total: number | null, doneBefore: number, events: readonly RunEvent[]): number[] {
  const flows = new KeptFlows({ total, doneBefore });
  for (const event of events) flows.add(event);
  return [flows.finished, flows.count];
}

describe('KeptFlows', () => {
  const rows: [what: string, total: number | null, doneBefore: number, RunEvent[], expected: number[]][] = [
    ['has what was done before from the beginning', 20, 14, [], [14, 14]],
    ['adds what is done now', 20, 14, [enter('a'), exit('a'), finish('a')], [15, 14]],
    [
      'does not count a replay twice',
      20,
      14,
      [enter('a'), exit('a', 0, replayed), finish('a', replayed)],
      [14, 14],
    ],
    ['has no more than there are flows', 5, 14, [], [5, 5]],
    ['counts replays that were not foreseen', 20, 0, [finish('a', replayed)], [1, 1]],
    ['counts only replays where the number of flows is unknown', null, 14, [finish('a', replayed)], [1, 1]],
  ];
  for (const [what, total, doneBefore, events, expected] of rows) {
    it(what, () => assert.deepEqual(counted(total, doneBefore, events), expected));
  }

  it('takes a flow for work as soon as the others leave no room for it among those that are kept', () => {
    const one = [enter('a'), exit('a', 0, replayed), enter('a', 1)];
    assert.deepEqual(counted(2, 2, one), [1, 1]);
    assert.deepEqual(counted(2, 2, [...one, exit('a', 1)]), [1, 1]); // its record isn't delivered yet
    assert.deepEqual(counted(2, 2, [...one, exit('a', 1), finish('a')]), [2, 1]);
  });

  it('never shows all flows as ended before the last one is', () => {
    const events = ['a', 'b', 'c'].flatMap((flow) => [enter(flow), exit(flow), finish(flow)]);
    for (let length = 0; length < events.length; length++) {
      const [finished = 0] = counted(3, 3, events.slice(0, length));
      if (length > 0) assert.ok(finished < 3 || events[length - 1]?.type === 'finish', `${length}`);
    }
  });
});
