import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { runningHmac } from '../../lib/store/signer.js';

describe('RunningHmac', () => {
  it('is HMAC-SHA-256 of the bytes until now, whenever it is asked', () => {
    for (const length of [1, 32, 64]) {
      const key = randomBytes(length);
      const [one, two, three] = [randomBytes(5), randomBytes(100_000), randomBytes(64)];
      const of = (...pieces: Buffer[]) =>
        createHmac('sha256', key).update(Buffer.concat(pieces)).digest('hex');
      const running = runningHmac(key);
      assert.equal(running.value.toString('hex'), of());
      running.update(one);
      assert.equal(running.value.toString('hex'), of(one));
      const copy = running.copy();
      running.update(two);
      assert.equal(running.value.toString('hex'), of(one, two));
      copy.update(three);
      assert.equal(copy.value.toString('hex'), of(one, three));
    }
  });
});
