import assert from 'node:assert/strict';
import { type FailureFacts, type FailureKind, StepFailure } from '../../lib/errors.js';
import { Lane, type LaneCall } from '../../lib/lanes/lane.js';
import type { LaneSettings } from '../../lib/lanes/settings.js';
import { type VirtualClock, virtualClock } from '../helpers/virtual-clock.js';

const HOUR = 3_600_000;

function laneWith(settings: LaneSettings = {}, maxWaitMs = HOUR) {
  const clock = virtualClock();
  const exhausted: StepFailure[] = [];
  const onExhausted = (failure: StepFailure) => exhausted.push(failure);
  const lane = new Lane({ type: 'openai' }, { settings, maxWaitMs, onExhausted, clock });
  return { lane, clock, exhausted };
}

const failure = (kind: FailureKind, facts: FailureFacts = {}) => new StepFailure(kind, kind, facts);

/** Lets a time pass. */
function pass(clock: VirtualClock, ms: number): void {
  clock.after(ms, () => {});
  clock.run();
}

/** Starts a call that fails at once. */
function failAt(lane: Lane, failure: StepFailure, waitedMs = 0, flow = 0) {
  const call = lane.start();
  const fate = call.failed(failure, waitedMs, flow);
  call.end();
  return fate;
}

const seconds = (ms: number) => Math.round(ms / 1000);

describe('Lane', () => {
  it('has as many calls in flight as the user allows', () => {
    const { lane } = laneWith({ concurrency: 1 });
    const call = lane.start();
    assert.equal(lane.waitMs(), Number.POSITIVE_INFINITY);
    call.end();
    assert.ok(lane.waitMs() <= 10);
  });

  it('starts as many a minute as the user allows', () => {
    const { lane } = laneWith({ rpm: 60 });
    lane.start().end();
    assert.equal(seconds(lane.waitMs()), 1);
  });

  it('counts the tokens of calls: an estimate, then what they took', () => {
    const { lane } = laneWith({ tpm: 60_000 });
    const call: LaneCall = lane.start();
    call.tell({ tokens: 10_000 });
    assert.equal(seconds(lane.waitMs()), 10);
    call.tell({ tokens: 5000 });
    assert.equal(seconds(lane.waitMs()), 5);
    call.end();
  });

  const retried: FailureKind[] = ['server', 'network', 'timeout', 'exit', 'bad_output', 'refused'];
  for (const kind of retried) {
    it(`leaves ${kind} to the step's retries`, () => {
      const { lane, exhausted } = laneWith();
      assert.equal(failAt(lane, failure(kind)), 'retries');
      assert.deepEqual(exhausted, []);
    });
  }

  it('lets all wait for as long as the server says, once it has shown that it means it; two minutes at most', () => {
    const { lane, clock } = laneWith();
    const refused = (retryAfterMs: number) => {
      pass(clock, Math.max(0, lane.waitMs()));
      assert.deepEqual(failAt(lane, failure('rate_limit', { retryAfterMs })), { againInMs: 0 });
      return lane.waitMs();
    };
    for (const [said, least] of [
      [20_000, 2000],
      [18_000, 4000],
      [14_000, 8000],
      [6000, 6000],
    ] as const) {
      const ms = refused(said);
      assert.ok(ms >= least && ms <= least * 1.05, `${said}: ${ms}`);
    }
    pass(clock, lane.waitMs());
    lane.start().succeeded();
    pass(clock, 30_000);
    refused(30_000);
    const ms = Math.round(refused(600_000));
    assert.ok(ms >= 120_000 && ms <= 126_000, `${ms}`);
  });

  it('believes no server that a limit is free again only in a day', () => {
    const { lane } = laneWith();
    const call = lane.start();
    call.tell({ requestLimit: { limit: 1, remaining: 0, resetMs: 86_400_000 } });
    call.succeeded();
    call.end();
    assert.equal(seconds(lane.waitMs()), 121);
  });

  it('gives a call up that has waited as long as the user wants; others go on', () => {
    const { lane, exhausted } = laneWith({}, 60_000);
    lane.start().succeeded();
    assert.equal(failAt(lane, failure('rate_limit', { retryAfterMs: 20_000 }), 58_500), 'never');
    assert.deepEqual(exhausted, []);
  });

  it('is exhausted when it is told to wait longer than the user wants, and when nothing goes well for so long', () => {
    const told = laneWith({}, 60_000);
    assert.equal(failAt(told.lane, failure('rate_limit', { retryAfterMs: 86_400_000 })), 'never');
    assert.equal(told.exhausted.length, 1);
    const silent = laneWith({}, 60_000);
    assert.deepEqual(failAt(silent.lane, failure('rate_limit')), { againInMs: 0 });
    pass(silent.clock, 61_000);
    assert.equal(failAt(silent.lane, failure('rate_limit')), 'never');
    assert.equal(silent.exhausted.length, 1);
  });

  it('sleeps until a quota is free again, and tells how long', () => {
    const { lane, clock, exhausted } = laneWith();
    const resetsAt = clock.date() + 600_000;
    assert.deepEqual(failAt(lane, failure('quota', { resetsAt })), { againInMs: 0 });
    assert.equal(seconds(lane.waitMs()), 600);
    assert.deepEqual({ ...lane.closing, ms: seconds(lane.closing?.ms ?? 0) }, { why: 'quota', ms: 600 });
    pass(clock, 600_001);
    assert.ok(lane.waitMs() <= 10);
    assert.deepEqual(exhausted, []);
  });

  it('sleeps until all that it was told of is free, whatever it was told last', () => {
    const { lane, clock } = laneWith();
    const [weekly, hourly] = [lane.start(), lane.start()];
    weekly.failed(failure('quota', { resetsAt: clock.date() + 1_800_000 }), 0, 0);
    hourly.failed(failure('quota', { resetsAt: clock.date() + 600_000 }), 0, 1);
    assert.equal(seconds(lane.waitMs()), 1800);
  });

  it('asks again after a minute when a quota should have been free by now', () => {
    const { lane, clock } = laneWith();
    assert.deepEqual(failAt(lane, failure('quota', { resetsAt: clock.date() - 5000 })), { againInMs: 0 });
    assert.equal(seconds(lane.waitMs()), 60);
  });

  const useless: [string, StepFailure][] = [
    ['a quota is used up and nobody knows until when', failure('quota')],
    [
      'a quota is used up and the server says to come back in a second',
      failure('quota', { retryAfterMs: 1000 }),
    ],
    ['a quota is free again only after the user gave up', failure('quota', { resetsAt: 2e15 })],
    ['the key is refused and nothing has ever gone well', failure('auth')],
  ];
  for (const [title, failure] of useless) {
    it(`is exhausted when ${title}, and says so once`, () => {
      const { lane, exhausted } = laneWith();
      assert.equal(failAt(lane, failure), 'never');
      assert.equal(failAt(lane, failure), 'never');
      assert.deepEqual(exhausted, [failure]);
      assert.equal(lane.exhausted, failure);
      assert.equal(lane.waitMs(), Number.POSITIVE_INFINITY);
      assert.deepEqual(lane.closing, { why: failure.kind, ms: null });
    });
  }

  describe('after a call has gone well', () => {
    const working = () => {
      const made = laneWith();
      made.lane.start().succeeded();
      return made;
    };

    it('fails one flow whose key is refused, and goes on', () => {
      const { lane, exhausted } = working();
      assert.equal(failAt(lane, failure('auth', { status: 403 })), 'never');
      assert.deepEqual(exhausted, []);
      assert.ok(lane.waitMs() <= 10);
    });

    it('also in an earlier attempt at the run', () => {
      const { lane, exhausted } = laneWith();
      lane.trust();
      assert.equal(failAt(lane, failure('auth')), 'never');
      assert.deepEqual(exhausted, []);
    });

    it('is exhausted by the fifth different flow in a row', () => {
      const { lane, exhausted } = working();
      for (const flow of [1, 2, 3, 4]) failAt(lane, failure('auth'), 0, flow);
      assert.deepEqual(exhausted, []);
      failAt(lane, failure('auth'), 0, 5);
      assert.equal(exhausted.length, 1);
    });

    it('goes on where one flow is refused many times, or others go well in between', () => {
      const { lane, exhausted } = working();
      for (let branch = 0; branch < 9; branch++) failAt(lane, failure('auth'), 0, 1);
      for (const flow of [2, 3, 4, 5, 6, 7, 8]) {
        failAt(lane, failure('auth'), 0, flow);
        lane.start().succeeded();
      }
      assert.deepEqual(exhausted, []);
    });
  });

  it('is exhausted where five different flows in a row are refused on the way to the server', () => {
    const { lane, exhausted } = laneWith();
    const page = failure('refused', { status: 403, about: 'way' });
    for (const flow of [1, 2, 3, 4]) assert.equal(failAt(lane, page, 0, flow), 'retries');
    assert.equal(failAt(lane, page, 0, 5), 'never');
    assert.deepEqual(exhausted, [page]);
  });

  it('is never exhausted by requests that are declined each for itself', () => {
    const { lane, exhausted } = laneWith();
    const flagged = failure('refused', { status: 403, about: 'request' });
    for (let flow = 0; flow < 50; flow++) assert.equal(failAt(lane, flagged, 0, flow), 'retries');
    assert.deepEqual(exhausted, []);
  });

  it('learns nothing from a request that is declined, and gives its tokens back', () => {
    const { lane } = laneWith({ tpm: 60_000 });
    const call = lane.start();
    call.tell({ tokens: 45_000 });
    assert.equal(seconds(lane.waitMs()), 45);
    call.failed(failure('refused', { status: 429, about: 'request', retryAfterMs: 20_000 }), 0, 0);
    call.end();
    assert.equal(seconds(lane.waitMs()), 0);
  });

  it("doesn't expect the next calls to be as large as one that was declined", () => {
    const { lane } = laneWith();
    const start = (tokens: number) => {
      const call = lane.start();
      call.tell({ tokens, tokenLimit: { limit: 30_000, remaining: 29_990, resetMs: 60_000 } });
      return call;
    };
    start(45_000).failed(failure('refused', { status: 429, about: 'request' }), 0, 0);
    start(10);
    assert.ok(lane.waitMs() <= 100, `${lane.waitMs()}`);
  });

  it('wakes those who rest when a server that was down answers again', () => {
    const { lane, clock } = laneWith();
    const woken: string[] = [];
    failAt(lane, failure('server'));
    lane.rest(30_000, () => woken.push('a'));
    const callOff = lane.rest(30_000, () => woken.push('b'));
    clock.after(5000, () => {
      assert.deepEqual(woken, []);
      callOff();
      lane.start().succeeded();
      assert.deepEqual(woken, ['a']);
    });
    clock.run();
    assert.deepEqual(woken, ['a']);
  });

  it('lets them rest when it was only some calls that failed', () => {
    const { lane, clock } = laneWith();
    let wokenAt = 0;
    clock.after(1000, () => lane.start().succeeded());
    clock.after(1500, () => failAt(lane, failure('server')));
    clock.after(1600, () => lane.rest(8000, () => (wokenAt = clock.now())));
    clock.after(2000, () => lane.start().succeeded());
    clock.run();
    assert.equal(seconds(wokenAt), 10);
  });
});
