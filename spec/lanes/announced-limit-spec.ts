import assert from 'node:assert/strict';
import { AnnouncedLimit } from '../../lib/lanes/announced-limit.js';

/** Uses so many units, each when it may, and returns when the last one started. */
function useUp(limit: AnnouncedLimit, units: number, from: number): number {
  let now = from;
  for (let unit = 0; unit < units; unit++) {
    now += Math.max(0, limit.waitMs(now, 1));
    limit.use(now, 1);
  }
  return now;
}

describe('AnnouncedLimit', () => {
  it('holds nothing back before anything is told', () => {
    const limit = new AnnouncedLimit();
    assert.equal(limit.known, false);
    assert.equal(useUp(limit, 1000, 0), 0);
  });

  it("fills a server's window, and waits until it has room again", () => {
    const limit = new AnnouncedLimit();
    const mark = limit.use(0, 1);
    limit.told(10, { limit: 20, remaining: 19, resetMs: 1000 }, mark);
    const later = limit.use(20, 1);
    limit.told(30, { limit: 20, remaining: 18, resetMs: 1000 }, later);
    const last = useUp(limit, 18, 30);
    assert.ok(last < 400, `${last}`);
    const waitMs = limit.waitMs(last, 1);
    assert.ok(last + waitMs > 1000 && last + waitMs < 1100, `${last} ${waitMs}`);
  });

  it('counts each call that was started before it was known once, in whatever order they are answered', () => {
    const limit = new AnnouncedLimit();
    const marks = Array.from({ length: 10 }, (_, n) => limit.use(n, 1));
    // The fifth was answered first; two that were started later had overtaken it.
    for (const [index, used] of [
      [4, 7],
      [9, 10],
      [8, 9],
    ] as const) {
      const mark = marks[index];
      assert.ok(mark);
      limit.told(20, { limit: 20, remaining: 20 - used, resetMs: 1000 }, mark);
    }
    const last = useUp(limit, 10, 20);
    assert.ok(last < 1000, `${last}`);
  });

  it('goes on as a bucket fills, where what is told shows that it is one', () => {
    const limit = new AnnouncedLimit();
    let now = 0;
    for (let used = 1; used <= 100; used++) {
      const mark = limit.use(now, 1);
      limit.told(now, { limit: 100, remaining: 100 - used, resetMs: used * 600 }, mark);
    }
    now = useUp(limit, 10, now);
    assert.ok(now >= 10 * 600 * 0.9 && now < 15 * 600, `${now}`);
  });

  it('counts what others use of the same limit, until it is free again', () => {
    const limit = new AnnouncedLimit();
    limit.told(0, { limit: 100, remaining: 99, resetMs: 1000 }, limit.use(0, 1));
    limit.told(10, { limit: 100, remaining: 0, resetMs: 1000 }, limit.use(10, 1));
    const waitMs = limit.waitMs(11, 1);
    assert.ok(waitMs > 900 && waitMs < 1100, `${waitMs}`);
  });

  it('knows a window that ends at a moment of the clock: then all is free again', () => {
    const limit = new AnnouncedLimit();
    for (let used = 1; used <= 20; used++) {
      const now = used * 25;
      const mark = limit.use(now, 1);
      limit.told(now, { limit: 20, remaining: 20 - used, resetMs: 2000 - now }, mark);
    }
    const waitMs = limit.waitMs(500, 1);
    assert.ok(500 + waitMs >= 2000 && 500 + waitMs < 2050, `${waitMs}`);
    const last = useUp(limit, 20, 500 + waitMs);
    assert.ok(last < 2600, `${last}`);
  });

  it('comes to count no more than the server does, where it limits the calls in flight', () => {
    const limit = new AnnouncedLimit();
    let now = 0;
    let count = 0;
    for (; now < 20_000; count++) {
      now += Math.max(0, limit.waitMs(now, 1));
      limit.told(now + 100, { limit: 3, remaining: 2, resetMs: 500 }, limit.use(now, 1));
      now += 100;
    }
    assert.ok(count > 180, `${count} calls of 100 ms, one at a time, in 20 s`);
  });

  it('takes the refusals of one burst for one', () => {
    const limit = new AnnouncedLimit();
    limit.told(0, { limit: 100, remaining: 99, resetMs: 1000 }, limit.use(0, 1));
    for (let call = 0; call < 20; call++) limit.use(10, 1);
    for (let call = 0; call < 20; call++) limit.refused(20, 10, 1);
    const waitMs = limit.waitMs(20, 1);
    assert.ok(waitMs < 100, `${waitMs}`);
  });

  it('explains a refusal only where we have used a good part of it', () => {
    const limit = new AnnouncedLimit();
    const burst = Array.from({ length: 20 }, () => limit.use(0, 1));
    const [last] = burst.slice(-1);
    assert.ok(last);
    limit.told(10, { limit: 1200, remaining: 0, resetMs: 500 }, last);
    assert.equal(limit.explains(last), false);
    const honest = new AnnouncedLimit();
    const uses = Array.from({ length: 20 }, () => honest.use(0, 1));
    honest.told(10, { limit: 20, remaining: 0, resetMs: 1000 }, last);
    assert.deepEqual(
      [5, 15].map((n) => uses[n] && honest.explains(uses[n])),
      [false, true],
    );
  });

  it('lets a call through that is larger than the limit, when nothing else is in use', () => {
    const limit = new AnnouncedLimit();
    limit.told(0, { limit: 100, remaining: 100, resetMs: 0 }, limit.use(0, 0));
    assert.ok(limit.waitMs(5000, 500) <= 0);
  });
});
