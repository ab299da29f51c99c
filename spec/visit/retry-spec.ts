import assert from 'node:assert/strict';
import { backOffMs } from '../../lib/visit/retry.js';

describe('backOffMs', () => {
  it('doubles from half a second to half a minute', () => {
    const waits = [1, 2, 3, 10].map((attempts) => backOffMs(attempts, undefined, () => 0));
    assert.deepEqual(waits, [500, 1000, 2000, 30_000]);
  });

  it('takes up to a half off at random', () => {
    assert.equal(
      backOffMs(2, undefined, () => 1),
      500,
    );
  });

  it("obeys the server's wish, up to a minute", () => {
    assert.equal(backOffMs(1, 1234), 1234);
    assert.equal(backOffMs(1, 0), 0);
    assert.equal(backOffMs(1, 86_400_000), 60_000);
  });
});
