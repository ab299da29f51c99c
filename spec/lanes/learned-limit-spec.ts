import assert from 'node:assert/strict';
import { LearnedLimit, type Start } from '../../lib/lanes/learned-limit.js';
import { randomFrom } from '../helpers/random.js';

const limitOf = () => new LearnedLimit(() => 0);

/** Starts a call as soon as it may; returns it. */
function startNext(limit: LearnedLimit, now: number) {
  return limit.start(now + Math.max(0, limit.waitMs(now, 1)), 1);
}

describe('LearnedLimit', () => {
  it('starts 200 a second at most until there are answers, a hundred of them soon', () => {
    const limit = limitOf();
    const starts = [limit.start(0, 0)];
    while (starts.length < 450) starts.push(startNext(limit, starts.at(-1)?.at ?? 0));
    const within = (ms: number) => starts.filter(({ at }) => at < ms).length;
    assert.ok(within(275) >= 100, `${within(275)}`);
    assert.equal(within(1000), 200);
    assert.equal(within(2000), 400);
  });

  it('starts ever more while answers come, those at once that were held back', () => {
    const limit = limitOf();
    let call = limit.start(0, 0);
    while (limit.waitMs(call.at, 1) < 100) call = startNext(limit, call.at);
    limit.answered(call, 600);
    assert.ok(limit.waitMs(600, 1) <= 0);
    call = startNext(limit, 600);
    for (let n = 0; n < 50; n++) limit.answered(call, call.at);
    for (let n = 0; n < 200; n++) call = startNext(limit, call.at);
    assert.ok(call.at < 800, `${call.at}`);
  });

  it('counts the refusals of one burst as one', () => {
    const limit = limitOf();
    const burst = Array.from({ length: 5 }, () => limit.start(0, 1));
    for (const call of burst) limit.refused(call, 3);
    assert.equal(limit.waitMs(3, 1), 30);
    const next = limit.start(33, 1);
    limit.refused(next, 36);
    assert.equal(limit.waitMs(36, 1), 45);
  });

  it('waits as long as the server wants', () => {
    const limit = limitOf();
    limit.refused(limit.start(0, 0), 3, 700);
    assert.equal(limit.waitMs(3, 1), 700);
  });

  it('asks again after two seconds, then four, until the server has shown that it means longer waits', () => {
    const limit = limitOf();
    limit.refused(limit.start(0, 0), 3, 6000);
    assert.equal(limit.waitMs(3, 1), 2000);
    const probe = startNext(limit, 3);
    limit.refused(probe, 2006, 4000);
    assert.equal(limit.waitMs(2006, 1), 4000);
    const passed = startNext(limit, 2006);
    limit.answered(passed, 6010);
    limit.refused(limit.start(20_000, 0), 20_003, 60_000);
    assert.equal(limit.waitMs(20_003, 1), 60_000);
  });

  it('lets one call through after a refusal, and others when it was not refused', () => {
    const limit = limitOf();
    let call = limit.start(0, 0);
    for (let n = 0; n < 9; n++) call = startNext(limit, call.at);
    limit.refused(startNext(limit, call.at), 60);
    const probe = startNext(limit, 60);
    assert.ok(limit.waitMs(probe.at, 1) >= 5);
    limit.refused(probe, probe.at + 3);
    const again = startNext(limit, probe.at + 3);
    assert.ok(again.at > probe.at + 30);
    limit.answered(again, again.at + 3);
    assert.ok(limit.waitMs(again.at + 4, 1) < 20, 'ten calls in this time are known to be all right');
  });

  it('takes back what it took for granted when the refusal was only late', () => {
    const limit = limitOf();
    for (let n = 0; n < 10; n++) limit.start(n, 1);
    limit.refused(limit.start(10, 1), 13);
    const probe = startNext(limit, 13);
    const next = startNext(limit, probe.at);
    limit.refused(probe, next.at + 1);
    assert.ok(limit.waitMs(next.at + 1, 1) >= 30, `${limit.waitMs(next.at + 1, 1)}`);
  });

  /** Five calls at once, one refusal, and reopened before the other four refusals are in. */
  function reopenedEarly() {
    const limit = limitOf();
    const [first, ...late] = Array.from({ length: 5 }, (_, n) => limit.start(n, 1));
    if (first) limit.refused(first, 10);
    const last = startNext(limit, startNext(limit, 10).at);
    return { limit, late, last };
  }

  it('takes late refusals of calls that were started before it was reopened for no news', () => {
    const { limit, late, last } = reopenedEarly();
    const waitMs = limit.waitMs(last.at, 1);
    for (const call of late) limit.refused(call, last.at);
    assert.equal(limit.waitMs(last.at, 1), waitMs);
  });

  it('never waits forever, though refusals came too late for what it knows', () => {
    const { limit, late, last } = reopenedEarly();
    for (const call of late) limit.refused(call, last.at);
    for (let call = last; call.at < 500; call = startNext(limit, call.at + 3)) {
      assert.ok(limit.waitMs(call.at, 1) < 1000, `${limit.waitMs(call.at, 1)} at ${call.at}`);
      limit.refused(call, call.at + 3);
    }
  });

  it('holds back the refused call alone, for as long as the server wants, once refusals are chance', () => {
    const limit = limitOf();
    const own: number[] = [];
    let call = limit.start(0, 0);
    for (let number = 1; number <= 300; number++) {
      if (number % 10 === 0) own.push(limit.refused(call, call.at + 3, 1000));
      else limit.answered(call, call.at + 3);
      call = startNext(limit, call.at + 3);
    }
    assert.equal(own[0], 0, 'the lane waits');
    assert.deepEqual(own.slice(-20), Array(20).fill(1000));
    assert.ok(limit.waitMs(call.at, 1) < 20);
  });

  it('takes failures of the server for no news', () => {
    const limit = limitOf();
    const call = limit.start(0, 0);
    const waitMs = limit.waitMs(0, 1);
    limit.failed(0);
    assert.equal(limit.waitMs(0, 1), waitMs);
    assert.equal(call.at, 0);
  });

  it('never waits for ever, nor an unknown time, in 10,000 runs with stalls and refusals out of order', () => {
    for (let seed = 1; seed <= 10_000; seed++) {
      const random = randomFrom(seed);
      const worst = longestWaitMs(new LearnedLimit(random), random);
      assert.ok(worst <= 2 * 3_600_000, `${worst} with seed ${seed}`);
    }
  });
});

const WISHES = [undefined, undefined, 0, 1, 1000, 20_000, 120_000];

/** Of 120 events: each starts a call when it may, or ends one of those in flight, in any order, some after a stall. */
function longestWaitMs(limit: LearnedLimit, random: () => number): number {
  const inFlight: Start[] = [];
  const refusedShare = random();
  let now = 0;
  let longest = 0;
  for (let event = 0; event < 120; event++) {
    const waitMs = limit.waitMs(now, inFlight.length);
    const waitsForAnother = waitMs === Number.POSITIVE_INFINITY && inFlight.length > 0;
    assert.ok(!Number.isNaN(waitMs));
    if (!waitsForAnother) longest = Math.max(longest, waitMs);
    if (inFlight.length > 0 && (waitsForAnother || random() < 0.45)) {
      const [call] = inFlight.splice(Math.floor(random() * inFlight.length), 1);
      now += random() < 0.1 ? random() * 5000 : random() * 20;
      if (call) end(limit, call, now, random() < refusedShare, random);
    } else {
      now += Math.max(0, waitMs) + (random() < 0.2 ? random() * 300 : 0);
      inFlight.push(limit.start(now, inFlight.length));
    }
  }
  return longest;
}

function end(limit: LearnedLimit, call: Start, now: number, isRefused: boolean, random: () => number): void {
  if (isRefused) limit.refused(call, now, WISHES[Math.floor(random() * WISHES.length)]);
  else if (random() < 0.05) limit.failed(now);
  else limit.answered(call, now);
  if (random() < 0.01) limit.forget(now);
}
