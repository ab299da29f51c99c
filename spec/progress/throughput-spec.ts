import assert from 'node:assert/strict';
import { StepFailure } from '../../lib/errors.js';
import { Lanes } from '../../lib/lanes/lanes.js';
import { eta } from '../../lib/progress/eta.js';
import { ThroughputMeter } from '../../lib/progress/throughput.js';
import { limitedWorld, type World } from '../helpers/limited-world.js';
import { virtualClock } from '../helpers/virtual-clock.js';

/** A call each `ms` from then till then, with a hold behind each. */
function steadily(meter: ThroughputMeter, ms: number, from: number, to: number): void {
  for (let now = from; now < to; now += ms) {
    meter.started(now);
    meter.held(now, ms);
  }
}

/** So many calls at once, and a hold behind them. */
function burst(meter: ThroughputMeter, calls: number, now: number, holdMs: number): void {
  for (let call = 0; call < calls; call++) meter.started(now);
  meter.held(now, holdMs);
}

const rounded = (number: number | undefined) => Math.round(number ?? Number.NaN);

describe('ThroughputMeter', () => {
  it('measures a steady rate, and how long calls were held back', () => {
    const meter = new ThroughputMeter();
    steadily(meter, 50, 0, 20_000);
    const found = meter.at(19_975, 25);
    assert.deepEqual([rounded(found?.perSecond), rounded(found?.heldMs)], [20, 10_000], 'of late');
    assert.equal(rounded(found?.msFor(100)), 5025);
  });

  it('finds no limit where calls are seldom held back: something else is the bottleneck', () => {
    const meter = new ThroughputMeter();
    for (let now = 0; now < 5000; now += 250) {
      meter.started(now);
      meter.held(now, 50);
    }
    assert.equal(meter.at(5000, 0), null);
  });

  it('finds no limit before the first call', () => {
    assert.equal(new ThroughputMeter().at(0, 100), null);
  });

  it('leaves out the calls that were refused', () => {
    const meter = new ThroughputMeter();
    for (let now = 0; now < 5000; now += 50) {
      const takeBack = meter.started(now);
      if (now % 100 === 50) takeBack();
      meter.held(now, 50);
    }
    assert.equal(rounded(meter.at(4975, 25)?.perSecond), 10);
  });

  it('counts the holds behind refused calls', () => {
    const meter = new ThroughputMeter();
    for (let now = 0; now < 8000; now += 250) {
      const takeBack = meter.started(now);
      if (now % 1000 > 0) takeBack();
      meter.held(now, 250);
    }
    assert.equal(rounded(meter.at(7999, 1)?.perSecond), 1);
  });

  it('leaves out the opening burst as soon as the rest tells enough', () => {
    const meter = new ThroughputMeter();
    burst(meter, 100, 0, 100);
    steadily(meter, 100, 100, 4000);
    assert.equal(rounded(meter.at(3999, 1)?.perSecond), 10);
  });

  it('follows a rate that changes', () => {
    const meter = new ThroughputMeter();
    steadily(meter, 50, 0, 60_000);
    steadily(meter, 200, 60_000, 75_000);
    assert.equal(rounded(meter.at(74_999, 1)?.perSecond), 5);
  });

  it('counts the part of a hold that ended before its time', () => {
    const meter = new ThroughputMeter();
    burst(meter, 10, 0, 60_000);
    steadily(meter, 100, 500, 2000);
    assert.equal(rounded(meter.at(1999, 1)?.heldMs), 2000);
  });

  describe('of calls that get through in cycles', () => {
    it('knows the rate from the first one on, by the wait that is told', () => {
      const meter = new ThroughputMeter();
      burst(meter, 60, 0, 60_000);
      const found = meter.at(1000, 59_000);
      assert.equal(rounded(found?.perSecond), 1);
      assert.deepEqual(
        [10, 60, 61, 130].map((calls) => rounded(found?.msFor(calls))),
        [59_000, 59_000, 59_000, 179_000],
        'a call too many may fit in all the same',
      );
    });

    it('knows it in the midst of a cycle, too, whatever is known of the end of that', () => {
      const meter = new ThroughputMeter();
      for (const from of [0, 60_000, 120_000]) burst(meter, 60, from, 60_000);
      const found = meter.at(150_000, 1000);
      assert.equal(rounded(found?.perSecond), 1);
      assert.equal(rounded(found?.msFor(60)), 30_000);
    });

    it('counts what the current one has left', () => {
      const meter = new ThroughputMeter();
      for (const from of [0, 60_000]) burst(meter, 60, from, 60_000);
      burst(meter, 20, 120_000, 0);
      const found = meter.at(120_000, 0);
      assert.equal(rounded(found?.msFor(40)), 0);
      assert.equal(rounded(found?.msFor(70)), 60_000);
    });

    it('takes refused probes for a part of the hold', () => {
      const meter = new ThroughputMeter();
      for (const from of [0, 60_000]) {
        burst(meter, 60, from, 1000);
        for (let now = from + 1000; now < from + 60_000; now += 1000) {
          const takeBack = meter.started(now);
          meter.held(now, 1000);
          takeBack();
        }
      }
      meter.started(120_000);
      assert.equal(rounded(meter.at(120_000, 0)?.perSecond), 1);
    });
  });
});

describe('a lane', () => {
  it('has a throughput while limits hold calls back, and while calls wait', () => {
    const clock = virtualClock();
    const lanes = new Lanes({ clock, meter: () => new ThroughputMeter() });
    const lane = lanes.of({ type: 'openai', model: 'm' });
    const refusal = new StepFailure('rate_limit', '429', { retryAfterMs: 1000 });
    assert.deepEqual(lanes.limits(), []);
    for (let call = 0; call < 10; call++) lane.start().succeeded();
    lane.waiting = 5;
    lane.start().failed(refusal, 0, 0);
    lane.waitMs();
    const [limit] = lanes.limits();
    assert.deepEqual([limit?.name, limit?.waiting, limit?.lane], ['openai', 5, lane]);
    assert.ok(limit && limit.perSecond > 9 && limit.perSecond <= 10, `${limit?.perSecond}`);
    lane.waiting = 0;
    assert.deepEqual(lanes.limits(), []);
  });

  const rows: readonly [string, World][] = [
    ['20 in any second', { calls: 400, limit: 20, windowMs: 1000 }],
    ['the same, told', { calls: 400, limit: 20, windowMs: 1000, announced: true }],
    ['the same, with a wish', { calls: 400, limit: 20, windowMs: 1000, told: 'ms' }],
    ['5 in any second', { calls: 400, limit: 5, windowMs: 1000 }],
    ['100 in any second', { calls: 4000, limit: 100, windowMs: 1000 }],
    ['100 in any ten seconds, told', { calls: 400, limit: 100, windowMs: 10_000, announced: true }],
    ['100 in any minute, told', { calls: 400, limit: 100, windowMs: 60_000, announced: true }],
  ];
  for (const [title, world] of rows)
    it(`tells when all calls are done, 0.7 to 1.4 of what they take, from a quarter on (${title})`, () => {
      const latency = 500;
      const told = new Map<number, { readonly now: number; readonly left: number }>();
      const { wallMs } = limitedWorld({
        ...world,
        latency,
        look(now, lane, answered) {
          const quarter = Math.floor((answered / world.calls) * 4);
          if (quarter === 0 || told.has(quarter)) return;
          const { throughput, waiting } = lane;
          const step = { entered: world.calls, left: answered, replayed: 0, ms: answered * latency };
          const limits = throughput ? [{ ...throughput, steps: [0], waiting }] : [];
          const pace = { total: world.calls, finished: answered, steps: [step], load: 200, limits };
          told.set(quarter, { now, left: eta(pace) ?? Number.NaN });
        },
      });
      assert.deepEqual([...told.keys()], [1, 2, 3]);
      for (const { now, left } of told.values()) {
        const ratio = left / (wallMs - now);
        assert.ok(ratio >= 0.7 && ratio <= 1.4, `${ratio} at ${now} of ${wallMs}`);
      }
    });
});
