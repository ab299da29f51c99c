import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Gate } from '../lib/gate.js';

/** A gate with an observer: who was admitted, in order. */
function watched(capacity: number, caps: readonly (number | undefined)[]) {
  const gate = new Gate(capacity, caps);
  const admitted: string[] = [];
  const arrive = (step: number, who: string) => {
    if (gate.tryEnter(step)) {
      admitted.push(who);
      return undefined;
    }
    return gate.queue(step, () => admitted.push(who));
  };
  return { gate, admitted, arrive };
}

describe('Gate', () => {
  it('admits up to its capacity, then first come first served', () => {
    const { gate, admitted, arrive } = watched(1, [undefined, undefined]);
    for (const [step, who] of ['a', 'b', 'c'].entries()) arrive(step % 2, who);
    assert.deepEqual(admitted, ['a']);
    gate.leave(0);
    assert.deepEqual(admitted, ['a', 'b']);
    gate.leave(1);
    assert.deepEqual(admitted, ['a', 'b', 'c']);
  });

  it("lets others pass those whose step's own cap is reached", () => {
    const { gate, admitted, arrive } = watched(3, [1, undefined]);
    arrive(0, 'a');
    arrive(0, 'b');
    arrive(1, 'c');
    assert.deepEqual(admitted, ['a', 'c']);
    gate.leave(1);
    assert.deepEqual(admitted, ['a', 'c']);
    gate.leave(0);
    assert.deepEqual(admitted, ['a', 'c', 'b']);
  });

  it('forgets one that leaves the queue, and says whether it was in time', () => {
    const { gate, admitted, arrive } = watched(1, [undefined]);
    arrive(0, 'a');
    const b = arrive(0, 'b');
    const c = arrive(0, 'c');
    assert.equal(b?.leave(), true);
    gate.leave(0);
    assert.deepEqual(admitted, ['a', 'c']);
    assert.equal(c?.leave(), false);
  });

  it('never exceeds a cap, starves nobody and keeps no slot, for any traffic', () => {
    const arrivals = fc.array(fc.record({ step: fc.nat(2), leaves: fc.boolean() }), { maxLength: 200 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 5 }), (arrivals, capacity) => {
        const caps = [2, undefined, 1];
        const gate = new Gate(capacity, caps);
        const active: number[] = [];
        const check = (step: number) => {
          active.push(step);
          assert.ok(active.length <= capacity);
          assert.ok(active.filter((each) => each === step).length <= (caps[step] ?? capacity));
        };
        for (const { step, leaves } of arrivals) {
          if (gate.tryEnter(step)) check(step);
          else gate.queue(step, () => check(step));
          if (leaves) leaveFirst(gate, active);
        }
        while (active.length > 0) leaveFirst(gate, active);
        for (let place = 0; place < capacity; place++) assert.ok(gate.tryEnter(1), 'a slot was lost');
      }),
    );
  });
});

function leaveFirst(gate: Gate, active: number[]): void {
  const step = active.shift();
  if (step !== undefined) gate.leave(step);
}
