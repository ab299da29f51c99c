import assert from 'node:assert/strict';
import { LearnedLimit } from '../../lib/lanes/learned-limit.js';

const limitOf = () => new LearnedLimit(() => 0);

/** Starts a call as soon as it may; returns it. */
function startNext(limit: LearnedLimit, now: number) {
  return limit.start(now + Math.max(0, limit.waitMs(now)), false);
}

describe('LearnedLimit', () => {
  it('starts 200 a second at most until there are answers, a hundred of them soon', () => {
    const limit = limitOf();
    const starts = [limit.start(0, true)];
    while (starts.length < 450) starts.push(startNext(limit, starts.at(-1)?.at ?? 0));
    const within = (ms: number) => starts.filter(({ at }) => at < ms).length;
    assert.ok(within(275) >= 100, `${within(275)}`);
    assert.equal(within(1000), 200);
    assert.equal(within(2000), 400);
  });

  it('starts ever more while answers come, those at once that were held back', () => {
    const limit = limitOf();
    let call = limit.start(0, true);
    while (limit.waitMs(call.at) < 100) call = startNext(limit, call.at);
    limit.answered(call, 600);
    assert.ok(limit.waitMs(600) <= 0);
    call = startNext(limit, 600);
    for (let n = 0; n < 50; n++) limit.answered(call, call.at);
    for (let n = 0; n < 200; n++) call = startNext(limit, call.at);
    assert.ok(call.at < 800, `${call.at}`);
  });

  it('counts the refusals of one burst as one', () => {
    const limit = limitOf();
    const burst = Array.from({ length: 5 }, () => limit.start(0, false));
    for (const call of burst) limit.refused(call, 3);
    assert.equal(limit.waitMs(3), 30);
    const next = limit.start(33, false);
    limit.refused(next, 36);
    assert.equal(limit.waitMs(36), 36);
  });

  it('waits as long as the server wants', () => {
    const limit = limitOf();
    limit.refused(limit.start(0, true), 3, 7000);
    assert.equal(limit.waitMs(3), 7000);
  });

  it('lets one call through after a refusal, and others when it was not refused', () => {
    const limit = limitOf();
    let call = limit.start(0, true);
    for (let n = 0; n < 9; n++) call = startNext(limit, call.at);
    limit.refused(startNext(limit, call.at), 60);
    const probe = startNext(limit, 60);
    assert.ok(limit.waitMs(probe.at) >= 5);
    limit.refused(probe, probe.at + 3);
    const again = startNext(limit, probe.at + 3);
    assert.ok(again.at > probe.at + 30);
    limit.answered(again, again.at + 3);
    assert.ok(limit.waitMs(again.at + 4) < 20, 'ten calls in this time are known to be all right');
  });

  it('takes back what it took for granted when the refusal was only late', () => {
    const limit = limitOf();
    for (let n = 0; n < 10; n++) limit.start(n, false);
    limit.refused(limit.start(10, false), 13);
    const probe = startNext(limit, 13);
    const next = startNext(limit, probe.at);
    limit.refused(probe, next.at + 1);
    assert.ok(limit.waitMs(next.at + 1) >= 30, `${limit.waitMs(next.at + 1)}`);
  });

  /** Five calls at once, one refusal, and reopened before the other four refusals are in. */
  function reopenedEarly() {
    const limit = limitOf();
    const [first, ...late] = Array.from({ length: 5 }, (_, n) => limit.start(n, false));
    if (first) limit.refused(first, 10);
    const last = startNext(limit, startNext(limit, 10).at);
    return { limit, late, last };
  }

  it('takes late refusals of calls that were started before it was reopened for no news', () => {
    const { limit, late, last } = reopenedEarly();
    const waitMs = limit.waitMs(last.at);
    for (const call of late) limit.refused(call, last.at);
    assert.equal(limit.waitMs(last.at), waitMs);
  });

  it('never waits forever, though refusals came too late for what it knows', () => {
    const { limit, late, last } = reopenedEarly();
    for (const call of late) limit.refused(call, last.at);
    for (let call = last; call.at < 500; call = startNext(limit, call.at + 3)) {
      assert.ok(limit.waitMs(call.at) < 1000, `${limit.waitMs(call.at)} at ${call.at}`);
      limit.refused(call, call.at + 3);
    }
  });

  it('takes failures of the server for no news', () => {
    const limit = limitOf();
    const call = limit.start(0, true);
    const waitMs = limit.waitMs(0);
    limit.failed(0);
    assert.equal(limit.waitMs(0), waitMs);
    assert.equal(call.at, 0);
  });
});
