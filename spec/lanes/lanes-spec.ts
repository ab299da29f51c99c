import assert from 'node:assert/strict';
import { StepFailure } from '../../lib/errors.js';
import { Lanes } from '../../lib/lanes/lanes.js';
import { virtualClock } from '../helpers/virtual-clock.js';

describe('Lanes', () => {
  it('trusts those that are made later, too, where calls went well in an earlier attempt at the run', () => {
    const lanes = new Lanes();
    const exhausted: string[] = [];
    lanes.exhausted$.subscribe(({ lane }) => exhausted.push(lane));
    const before = lanes.of({ type: 'openai', model: 'm' });
    lanes.trust();
    const refusal = new StepFailure('auth', 'no');
    for (const lane of [before, lanes.of({ type: 'openai', model: 'n' })]) lane.start().failed(refusal, 0, 0);
    assert.deepEqual(exhausted, []);
  });

  it('has one lane for each type, model and resource', () => {
    const lanes = new Lanes();
    const id = { type: 'openai', model: 'm', resource: 'server, key' };
    assert.equal(lanes.of(id), lanes.of({ ...id }));
    assert.notEqual(lanes.of(id), lanes.of({ ...id, resource: 'another key' }));
    assert.notEqual(lanes.of(id), lanes.of({ ...id, model: 'n' }));
  });

  it('gives a model what is said of it, else what is said of its type', () => {
    const clock = virtualClock();
    const settings = { openai: { concurrency: 1, rpm: 60 }, 'openai/m': { concurrency: 2 } };
    const lanes = new Lanes({ settings, clock });
    const m = lanes.of({ type: 'openai', model: 'm' });
    const n = lanes.of({ type: 'openai', model: 'n' });
    m.start();
    n.start();
    assert.ok(m.waitMs() > 500 && m.waitMs() <= 1000, 'rpm of the type, concurrency of the model');
    assert.equal(n.waitMs(), Number.POSITIVE_INFINITY);
  });

  it('names settings that nothing goes by', () => {
    const settings = { openai: {}, 'openai/m': {}, 'openai/typo': {}, codex: {} };
    const lanes = new Lanes({ settings });
    lanes.of({ type: 'openai', model: 'm' });
    assert.deepEqual(
      lanes.unused().map(({ where }) => where),
      ['lane openai/typo', 'lane codex'],
    );
  });

  it('tells which lanes hold calls back, why and how long, and which are of no use any more', () => {
    const clock = virtualClock();
    const lanes = new Lanes({ clock });
    const [m, n, codex] = [
      lanes.of({ type: 'openai', model: 'm' }),
      lanes.of({ type: 'openai', model: 'n' }),
      lanes.of({ type: 'codex' }),
    ];
    const exhausted: string[] = [];
    lanes.exhausted$.subscribe(({ lane, failure }) => exhausted.push(`${lane}: ${failure.kind}`));
    for (const lane of [m, n, codex]) lane.waiting = 1;
    m.start().failed(new StepFailure('rate_limit', '429', { retryAfterMs: 1000 }), 0, 0);
    n.start().failed(new StepFailure('quota', 'no credit'), 0, 0);
    codex.start().failed(new StepFailure('quota', 'limit', { resetsAt: clock.date() + 90_000 }), 0, 0);
    const waits = lanes
      .waits()
      .map(({ lane, why, ms }) => [lane, why, ms === null ? null : Math.round(ms / 1000)]);
    assert.deepEqual(waits, [
      ['openai/n', 'quota', null],
      ['codex', 'quota', 90],
      ['openai/m', 'rate_limit', 1],
    ]);
    assert.deepEqual(exhausted, ['openai/n: quota']);
    for (const lane of [m, n, codex]) lane.waiting = 0;
    assert.deepEqual(lanes.waits(), []);
  });
});
