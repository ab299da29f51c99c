import assert from 'node:assert/strict';
import { eta, type StepPace } from '../../lib/progress/eta.js';
import { Load } from '../../lib/progress/load.js';

function step(entered: number, left: number, ms: number, replayed = 0): StepPace {
  return { entered, left, replayed, ms };
}

describe('eta', () => {
  it('is the work that is left, shared by the calls at once', () => {
    const steps = [step(50, 40, 40_000), step(40, 30, 60_000)];
    // 50 × (1 + 2 s), 10 × (1 + 2 s) at the first step, 10 × 2 s at the second, ten at once
    assert.equal(eta({ total: 100, finished: 30, steps, load: 10 }), 20_000);
  });

  const unknown: [what: string, total: number | null, steps: StepPace[], load: number][] = [
    ['the number of flows is unknown', null, [step(50, 40, 4000)], 10],
    ['too few calls have ended', 100, [step(10, 2, 4000)], 10],
    ['a later step has not ended often enough', 100, [step(50, 40, 4000), step(40, 1, 9000)], 10],
    ['all so far was replayed', 100, [step(50, 50, 0, 50)], 10],
    ['nothing runs', 100, [step(50, 50, 4000)], 0],
  ];
  for (const [what, total, steps, load] of unknown) {
    it(`is none when ${what}`, () => {
      assert.equal(eta({ total, finished: 10, steps, load }), null);
    });
  }

  it('counts the branches that are to come', () => {
    const steps = [step(10, 10, 10_000), step(40, 40, 40_000)];
    // each flow: 1 s, and four branches of 1 s
    assert.equal(eta({ total: 20, finished: 10, steps, load: 5 }), 10_000);
  });

  it('leaves out a step that no flow reaches', () => {
    assert.equal(
      eta({ total: 20, finished: 10, steps: [step(10, 10, 10_000), step(0, 0, 0)], load: 1 }),
      10_000,
    );
  });

  it('takes replayed results for no work, and for no measure of what is left', () => {
    assert.equal(eta({ total: 110, finished: 100, steps: [step(100, 100, 10_000, 90)], load: 1 }), 10_000);
  });

  it('knows that the last flows cannot be shared by many', () => {
    assert.equal(eta({ total: 100, finished: 98, steps: [step(100, 98, 98_000)], load: 50 }), 1000);
  });

  /** Flows of two steps of these lengths, so many at once, in a time of their own. */
  function* simulated(total: number, parallel: number, ms: readonly [number, number]) {
    const load = new Load();
    const paces = ms.map(() => ({ entered: 0, left: 0, replayed: 0, ms: 0 }));
    const ends: { at: number; place: number; length: number }[] = [];
    let finished = 0;
    let now = 0;
    const enter = (place: number) => {
      const length = (ms[place] ?? 0) * (0.5 + Math.random());
      const pace = paces[place];
      if (!pace) return;
      pace.entered++;
      load.started(now);
      ends.push({ at: now + length, place, length });
    };
    for (let flow = 0; flow < Math.min(parallel, total); flow++) enter(0);
    while (ends.length > 0) {
      ends.sort((a, b) => a.at - b.at);
      const call = ends.shift();
      const pace = call && paces[call.place];
      if (!call || !pace) continue;
      now = call.at;
      load.ended(now);
      pace.left++;
      pace.ms += call.length;
      if (call.place === 0) enter(1);
      else {
        finished++;
        if ((paces[0]?.entered ?? 0) < total) enter(0);
      }
      yield { now, finished, left: eta({ total, finished, steps: paces, load: load.average(now) }) };
    }
  }

  it('comes true: within a fifth, from a tenth of a run on', () => {
    const states = [...simulated(2000, 20, [1000, 3000])];
    const end = states.at(-1)?.now ?? 0;
    const told = states.filter(({ finished }) => finished >= 200 && finished <= 1800);
    for (const { now, left } of told) {
      assert.ok(left !== null);
      assert.ok(Math.abs(left / (end - now) - 1) < 0.2, `${left} ms, and it took ${end - now}`);
    }
  });

  it('waits for a limit: for the calls of its steps, of those who wait and of those who are still to come', () => {
    const steps = [step(20, 10, 10_000), step(5, 4, 4000), step(4, 4, 4000)];
    const asked: number[] = [];
    const msFor = (calls: number) => {
      asked.push(calls);
      return calls * 1000;
    };
    const left = (places: number[]) => {
      const limits = [{ steps: places, waiting: 3, msFor }];
      return eta({ total: 40, finished: 4, steps, load: 10, limits });
    };
    // half of the ten and of the twenty that are to come go on to the second step, and all of those to the third
    assert.equal(left([0]), 23_000 + 1000 + 500 + 500);
    assert.equal(left([1]), 18_000 + 1000 + 1000);
    left([0, 2]);
    assert.deepEqual(asked, [23, 18, 39]);
  });

  it('is the time of the remaining work where that is longer than a limit', () => {
    const steps = [step(20, 10, 100_000)];
    const limits = [{ steps: [0], waiting: 1, msFor: () => 1000 }];
    assert.equal(eta({ total: 20, finished: 10, steps, load: 1, limits }), 100_000);
  });
});
