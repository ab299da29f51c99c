import assert from 'node:assert/strict';
import { limitedWorld, type World } from '../helpers/limited-world.js';

const perSecond = (limit: number) => ({ limit, windowMs: 1000 });

/** What is learned costs the more the fewer calls there are. */
const FEW = { limit: 10, windowMs: 250, calls: 60, parallel: 50, latency: 20 };

/** As if the limit had been known beforehand. */
function idealMs({ calls, tokens = 1, limit, windowMs, latency = 500 }: World): number {
  return (Math.ceil(calls / Math.floor(limit / tokens)) - 1) * windowMs + latency;
}

describe('Limits', () => {
  /** Title, world, wall against the ideal, share of refused calls; each at most. */
  const rows: [string, World, number, number][] = [
    ['20 a second', { ...perSecond(20), calls: 400 }, 1.1, 0.1],
    ['20 a second, quick answers', { ...perSecond(20), calls: 400, latency: 10 }, 1.1, 0.1],
    ['20 a second, slow answers', { ...perSecond(20), calls: 400, latency: 5000 }, 1.15, 0.1],
    ['20 a second, on a bad line', { ...perSecond(20), calls: 400, late: 0.03 }, 1.2, 0.1],
    ['10 in half a second', { limit: 10, windowMs: 500, calls: 400 }, 1.1, 0.1],
    ['2 a second', { ...perSecond(2), calls: 200 }, 1.05, 0.15],
    ['200 a second', { ...perSecond(200), calls: 6000, parallel: 2000 }, 1.1, 0.02],
    ['1200 a minute', { limit: 1200, windowMs: 60_000, calls: 4000 }, 1.15, 0.05],
    ['20 a second, told in milliseconds', { ...perSecond(20), calls: 400, told: 'ms' }, 1.1, 0.05],
    ['20 a second, told in seconds', { ...perSecond(20), calls: 400, told: 'seconds' }, 1.4, 0.05],
    ['20 a second, announced', { ...perSecond(20), calls: 400, announced: true }, 1.1, 0.01],
    [
      '20 a second of 1200 that are announced on refusals',
      { ...perSecond(20), calls: 200, claimed: 1200, told: 'seconds', latency: 200 },
      1.25,
      0.05,
    ],
    ['10 in half a second, announced', { limit: 10, windowMs: 500, calls: 400, announced: true }, 1.1, 0.01],
    ['200 a second, announced', { ...perSecond(200), calls: 4000, announced: true }, 1.15, 0.01],
    ['10 in a quarter of a second, few calls', FEW, 1.4, 0.3],
    ['10 in a quarter of a second, few calls, announced', { ...FEW, announced: true }, 1.3, 0.1],
    ['tokens of 10 calls, announced', { ...FEW, limit: 150, tokens: 13, announced: true }, 1.3, 0.1],
    ['10 in a quarter of a second, few calls, told in milliseconds', { ...FEW, told: 'ms' }, 1.3, 0.15],
    ['10 in a quarter of a second, few calls, told in seconds', { ...FEW, told: 'seconds' }, 5, 0.15],
  ];
  for (const [title, world, mostWall, mostRefused] of rows) {
    it(`comes close to ${title}, and loses nothing`, () => {
      const { wallMs, answered, refused } = limitedWorld(world);
      assert.equal(answered, world.calls);
      const ratio = wallMs / idealMs(world);
      assert.ok(ratio <= mostWall, `${ratio.toFixed(3)} of the ideal time`);
      assert.ok(refused / world.calls <= mostRefused, `${refused} refused`);
    });
  }

  it('loses no time to a slow start where there is no limit', () => {
    const { wallMs } = limitedWorld({ ...perSecond(1e9), calls: 4000 });
    assert.ok(wallMs < 10_000 * 1.15, `${wallMs}`);
  });

  it('begins with 200 a second at most, until the first answers are in', () => {
    const { passedAt } = limitedWorld({ ...perSecond(1e9), calls: 1000, parallel: 1000, latency: 1500 });
    const before = passedAt.filter((at) => at < 1000).length;
    assert.ok(before <= 200, `${before}`);
  });

  it('follows a limit that falls, and one that rises', () => {
    const fallen = { ...perSecond(5), atMs: 10_000 };
    const { passedAt, refused } = limitedWorld({ ...perSecond(20), calls: 300, later: fallen });
    assert.equal(passedAt.length, 300);
    assert.ok(refused < 90, `${refused}`);
    const risen = { ...perSecond(100), atMs: 10_000 };
    const after = limitedWorld({ ...perSecond(20), calls: 2200, later: risen });
    const last = after.passedAt.slice(-500);
    const rate = 500_000 / ((last.at(-1) ?? 0) - (last[0] ?? 0));
    assert.ok(rate > 80, `${rate}`);
  });

  it('goes on at full rate soon after the server was down', () => {
    const { passedAt, answered } = limitedWorld({ ...perSecond(20), calls: 600, down: [5000, 15_000] });
    assert.equal(answered, 600);
    const inSecond = (second: number) => passedAt.filter((at) => Math.floor(at / 1000) === second).length;
    for (const second of [20, 21, 22]) assert.ok(inSecond(second) >= 18, `${inSecond(second)}`);
  });

  it("keeps to the user's ceilings", () => {
    const { peak } = limitedWorld({ ...perSecond(1e9), calls: 300, settings: { concurrency: 7 } });
    assert.equal(peak, 7);
  });

  it('never stalls, whatever the limits', () => {
    for (const limit of [1, 3, 7, 50])
      for (const windowMs of [100, 1000, 20_000])
        for (const announced of [false, true]) {
          const world = { limit, windowMs, calls: 3 * limit + 5, latency: 50, announced, late: 0.1 };
          assert.equal(limitedWorld(world).answered, world.calls, JSON.stringify(world));
        }
  });

  it('loses nothing and never stalls where refusals come so late that calls were let through meanwhile', () => {
    for (const limit of [2, 10, 40])
      for (const told of [undefined, 'ms', 'seconds'] as const)
        for (let seed = 1; seed <= 20; seed++) {
          const slow = { parallel: 50, latency: 100, refusalMs: 400, late: 0.5, seed };
          const world: World = { limit, windowMs: 250, calls: 6 * limit, ...slow, ...(told && { told }) };
          assert.equal(limitedWorld(world).answered, world.calls, JSON.stringify(world));
        }
  });
});
