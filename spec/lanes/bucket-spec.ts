import assert from 'node:assert/strict';
import { Bucket } from '../../lib/lanes/bucket.js';
import { virtualTime } from '../helpers/virtual-time.js';

describe('Bucket', () => {
  it('lets the first through at once, and the others evenly', () => {
    using _ = virtualTime();
    const bucket = new Bucket(60);
    assert.equal(bucket.waitMs(1), 0);
    bucket.use(1);
    const waitMs = bucket.waitMs(1);
    assert.ok(waitMs > 990 && waitMs <= 1000, `${waitMs}`);
  });

  it('never lets more through in a minute than it may', () => {
    using _ = virtualTime();
    for (const perMinute of [1, 59, 600, 5000, 2_000_000]) {
      const burst = Math.ceil(perMinute / 600);
      const bucket = new Bucket(perMinute);
      bucket.use(burst);
      const minuteMs = bucket.waitMs(burst) * ((perMinute - burst) / burst);
      assert.ok(minuteMs >= 59_000 * ((perMinute - burst) / perMinute), `${perMinute}: ${minuteMs}`);
    }
  });

  it('takes on credit what is more than it holds, and gives back what was not needed', () => {
    using _ = virtualTime();
    const bucket = new Bucket(60_000);
    assert.equal(bucket.waitMs(5000), 0);
    bucket.use(5000);
    assert.ok(bucket.waitMs(1) > 4800);
    bucket.use(-5000);
    assert.equal(bucket.waitMs(1), 0);
  });

  it('fills up with time', async () => {
    using time = virtualTime();
    const bucket = new Bucket(6000);
    bucket.use(10);
    assert.ok(bucket.waitMs(5) > 0);
    await time.pass(bucket.waitMs(5) + 5);
    assert.equal(bucket.waitMs(5), 0);
  });
});
