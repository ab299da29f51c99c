import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StepFailure } from '../../lib/errors.js';
import { Gate, type Permit, type StepBounds } from '../../lib/lanes/gate.js';
import { Lane } from '../../lib/lanes/lane.js';
import type { LaneSettings } from '../../lib/lanes/settings.js';
import { type VirtualClock, virtualClock } from '../helpers/virtual-clock.js';

/** A gate with an observer: who was admitted (or refused), in order. */
function watched(capacity: number, steps: readonly StepBounds[], clock?: VirtualClock) {
  const gate = new Gate(capacity, steps, clock);
  const admitted: string[] = [];
  const passes = new Map<string, Permit>();
  const arrive = (step: number, who: string, index = 0, branch: readonly number[] = []) => {
    const enter = (permit: Permit) => {
      admitted.push(who);
      passes.set(who, permit);
    };
    const permit = gate.tryEnter(step);
    if (permit) {
      enter(permit);
      return undefined;
    }
    const refused = (failure: StepFailure) => admitted.push(`${who}: ${failure.kind}`);
    return gate.queue(step, { flow: { index, branch }, admitted: enter, refused });
  };
  const leave = (who: string) => passes.get(who)?.leave();
  return { gate, admitted, passes, arrive, leave };
}

function newLane(clock: VirtualClock, settings: LaneSettings = {}): Lane {
  return new Lane({ type: 'openai' }, { settings, maxWaitMs: 3_600_000, onExhausted: () => {}, clock });
}

describe('Gate', () => {
  it('admits up to its capacity', () => {
    const { admitted, arrive, leave } = watched(1, [{}, {}]);
    arrive(0, 'a');
    arrive(1, 'b');
    assert.deepEqual(admitted, ['a']);
    leave('a');
    assert.deepEqual(admitted, ['a', 'b']);
  });

  it('lets later steps go first, then earlier flows, then earlier branches, then who came first', () => {
    const { admitted, arrive, leave } = watched(1, [{}, {}]);
    arrive(0, 'first');
    arrive(0, 'e', 3);
    arrive(0, 'd', 2);
    arrive(1, 'c', 9);
    arrive(1, 'b2', 1, [1]);
    arrive(1, 'b1', 1, [0]);
    arrive(1, 'b1 again', 1, [0]);
    for (const who of ['first', 'b1', 'b1 again', 'b2', 'c', 'd']) leave(who);
    assert.deepEqual(admitted, ['first', 'b1', 'b1 again', 'b2', 'c', 'd', 'e']);
  });

  it("lets others pass those whose step's own cap is reached", () => {
    const { admitted, arrive, leave } = watched(3, [{ cap: 1 }, {}]);
    arrive(0, 'a');
    arrive(0, 'b');
    arrive(1, 'c');
    assert.deepEqual(admitted, ['a', 'c']);
    leave('c');
    assert.deepEqual(admitted, ['a', 'c']);
    leave('a');
    assert.deepEqual(admitted, ['a', 'c', 'b']);
  });

  it('forgets one that leaves the queue', () => {
    const { admitted, arrive, leave } = watched(1, [{}]);
    arrive(0, 'a');
    const b = arrive(0, 'b');
    arrive(0, 'c', 1);
    b?.leave();
    leave('a');
    assert.deepEqual(admitted, ['a', 'c']);
  });

  it('bounds what steps of one lane have in flight together, and lets others by', () => {
    const clock = virtualClock();
    const lane = newLane(clock, { concurrency: 1 });
    const { admitted, arrive, leave } = watched(9, [{ lane }, { lane }, {}], clock);
    clock.run();
    arrive(0, 'a');
    arrive(0, 'b');
    arrive(1, 'c');
    arrive(2, 'd');
    assert.deepEqual(admitted, ['a', 'd']);
    leave('a');
    clock.run();
    assert.deepEqual(admitted, ['a', 'd', 'c']);
  });

  it("looks again when a lane's time has come, with one timer, and none when nobody waits", () => {
    const clock = virtualClock();
    const lane = newLane(clock);
    let timers = 0;
    const counting = {
      ...clock,
      after(ms: number, work: () => void) {
        timers++;
        const stop = clock.after(ms, () => {
          timers--;
          work();
        });
        return () => {
          timers--;
          stop();
        };
      },
    };
    const { admitted, arrive } = watched(999, [{ lane }], counting);
    const tickets = Array.from({ length: 100 }, (_, n) => arrive(0, `${n}`, n));
    assert.ok(admitted.length < 50, 'the first starts are paced');
    assert.equal(timers, 1);
    clock.run();
    assert.equal(admitted.length, 100);
    assert.ok(clock.now() > 200);
    assert.equal(timers, 0);
    const last = arrive(0, 'late', 100) ?? tickets.at(-1);
    last?.leave();
    assert.equal(timers, 0);
  });

  it('looks again after a minute at the latest, however long a lane sleeps: so may the computer', () => {
    const clock = virtualClock();
    const lane = newLane(clock);
    const waits: number[] = [];
    const watching = {
      ...clock,
      after(ms: number, work: () => void) {
        waits.push(ms);
        return clock.after(ms, work);
      },
    };
    const call = lane.start();
    call.failed(new StepFailure('quota', 'used up', { resetsAt: clock.date() + 1_800_000 }), 0, 0);
    call.end();
    const { admitted, arrive } = watched(1, [{ lane }], watching);
    arrive(0, 'a');
    clock.run();
    assert.deepEqual(admitted, ['a']);
    assert.ok(waits.length >= 30 && Math.max(...waits) <= 60_000, `${waits.length}, ${Math.max(...waits)}`);
  });

  it('lets nobody who comes when a lane has opened pass those who wait for it', () => {
    const clock = virtualClock();
    const late = { ...clock, after: (ms: number, work: () => void) => clock.after(ms + 1000, work) };
    const lane = newLane(clock);
    const { admitted, arrive } = watched(999, [{ lane }], late);
    const early = Array.from({ length: 20 }, (_, n) => `${n}`);
    for (const [n, who] of early.entries()) arrive(0, who, n);
    assert.ok(admitted.length < 20, 'the first starts are paced');
    clock.after(500, () => {
      assert.ok(lane.waitMs() <= 0, 'it has opened, and the timer is late');
      arrive(0, 'late', 20);
    });
    clock.run();
    assert.deepEqual(admitted, [...early, 'late']);
  });

  it('forgets nobody though time passes from one look at the clock to the next', () => {
    for (const lookMs of [0.1, 0.3, 0.7, 1, 3]) {
      const clock = virtualClock(lookMs);
      const { admitted, arrive } = watched(999, [{ lane: newLane(clock) }], clock);
      for (let n = 0; n < 50; n++) arrive(0, `${n}`, n);
      clock.run();
      assert.equal(admitted.length, 50);
    }
  });

  it('refuses all who wait for a lane that is exhausted, and who comes later', () => {
    const clock = virtualClock();
    const lane = newLane(clock, { concurrency: 1 });
    const { admitted, passes, arrive, leave } = watched(9, [{ lane }, {}], clock);
    arrive(0, 'a');
    arrive(0, 'b');
    arrive(1, 'other');
    passes.get('a')?.call?.failed(new StepFailure('auth', 'no'), 0, 0);
    leave('a');
    arrive(0, 'c');
    clock.run();
    assert.deepEqual(admitted, ['a', 'other', 'b: auth', 'c: auth']);
  });

  /** A gate whose second and third step are paid, from one budget. */
  function paid(money: number, clock = virtualClock()) {
    const lane = newLane(clock);
    const gate = new Gate(9, [{}, { paid: true, lane }, { paid: true, lane }], clock);
    const log: string[] = [];
    const arrive = (step: number, who: string, price: number, index = 0) => {
      const admitted = (permit: Permit) => {
        log.push(who);
        passes.set(who, permit);
      };
      const pay = () => {
        if (price > 100) return new StepFailure('cancelled', 'never');
        if (price > money) return false;
        money -= price;
        return true;
      };
      const permit = gate.tryEnter(step);
      if (permit) admitted(permit);
      else
        gate.queue(step, {
          flow: { index, branch: [] },
          admitted,
          pay,
          refused: () => log.push(`no ${who}`),
        });
    };
    const passes = new Map<string, Permit>();
    const leave = (who: string, refund: number) => {
      money += refund;
      passes.get(who)?.leave();
    };
    return { arrive, leave, log, clock, lane };
  }

  it('lets others by who can pay, and asks one who can’t again when a paid call has ended', () => {
    const { arrive, leave, log, clock } = paid(10);
    arrive(1, 'a', 6);
    arrive(1, 'dear', 8);
    arrive(1, 'cheap', 1, 1);
    arrive(0, 'free', 0);
    clock.run();
    assert.deepEqual(log, ['a', 'cheap', 'free']);
    leave('free', 0);
    clock.run();
    assert.deepEqual(log.slice(3), [], 'no paid call has ended');
    leave('a', 6);
    clock.run();
    assert.deepEqual(log.slice(3), ['dear']);
  });

  it('passes over a hundred who can’t pay yet, and neither loses one nor looks again before a call ends', () => {
    const { arrive, leave, log, clock } = paid(10);
    arrive(2, 'a', 10);
    clock.run();
    for (let n = 0; n < 150; n++) arrive(1, `${n}`, 5, n);
    clock.run();
    assert.deepEqual(log, ['a']);
    leave('a', 10);
    clock.run();
    for (let n = 0; n < 150; n++) {
      leave(`${n}`, 5);
      clock.run();
    }
    assert.deepEqual(log, ['a', ...Array.from({ length: 150 }, (_, n) => `${n}`)]);
  });

  it('refuses those who couldn’t pay yet with all others when their lane is exhausted', () => {
    const { arrive, log, clock, lane } = paid(10);
    arrive(1, 'a', 10);
    arrive(1, 'dear', 8);
    clock.run();
    const call = lane.start();
    call.failed(new StepFailure('auth', 'no'), 0, 0);
    arrive(1, 'late', 1);
    clock.run();
    assert.deepEqual(log, ['a', 'no dear', 'no late']);
  });

  it('asks later steps first, then earlier flows, for their money', () => {
    const { arrive, leave, log, clock } = paid(1);
    arrive(1, 'first', 1);
    arrive(1, 'c', 1, 2);
    arrive(1, 'b', 1, 1);
    arrive(2, 'a', 1, 9);
    for (const who of ['first', 'a', 'b', 'c']) {
      clock.run();
      leave(who, 1);
    }
    assert.deepEqual(log, ['first', 'a', 'b', 'c']);
  });

  it('refuses those for whom there never will be money, and no others', () => {
    const { arrive, log } = paid(1);
    arrive(1, 'rich', 101);
    arrive(1, 'poor', 1);
    assert.deepEqual(log, ['no rich', 'poor']);
  });

  it('never exceeds a cap, starves nobody and keeps no slot, for any traffic', () => {
    const arrivals = fc.array(fc.record({ step: fc.nat(3), index: fc.nat(9), leaves: fc.boolean() }), {
      maxLength: 200,
    });
    const caps = [2, undefined, 1, undefined];
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 5 }), (arrivals, capacity) => {
        const clock = virtualClock();
        const lane = newLane(clock, { concurrency: 2 });
        const steps = caps.map((cap, index) => ({ cap, ...(index >= 2 && { lane }) }));
        const gate = new Gate(capacity, steps, clock);
        const inside: { step: number; permit: Permit }[] = [];
        let entered = 0;
        const enter = (step: number, permit: Permit) => {
          entered++;
          inside.push({ step, permit });
          assert.ok(inside.length <= capacity);
          assert.ok(inside.filter((each) => each.step === step).length <= (caps[step] ?? capacity));
          assert.ok(inside.filter((each) => each.step >= 2).length <= 2, 'the lane has two at once');
        };
        const leaveFirst = () => inside.shift()?.permit.leave();
        for (const { step, index, leaves } of arrivals) {
          const permit = gate.tryEnter(step);
          if (permit) enter(step, permit);
          else
            gate.queue(step, {
              flow: { index, branch: [] },
              admitted: (permit) => enter(step, permit),
              refused: () => assert.fail('refused'),
            });
          if (leaves) leaveFirst();
        }
        for (let rounds = 0; rounds < 300 && entered < arrivals.length; rounds++) {
          leaveFirst();
          clock.run();
        }
        assert.equal(entered, arrivals.length, 'somebody still waits');
        while (inside.length > 0) leaveFirst();
        for (let place = 0; place < capacity; place++) assert.ok(gate.tryEnter(1), 'a slot was lost');
      }),
    );
  });
});
