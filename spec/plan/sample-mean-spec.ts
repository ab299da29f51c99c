import assert from 'node:assert/strict';
import fc from 'fast-check';
import { meanFrom } from '../../lib/plan/sample-mean.js';

describe('meanFrom', () => {
  it('is the mean with the bounds of 95 % by Student', () => {
    const { low, expected, high } = meanFrom([1, 2, 3], 1e9);
    assert.equal(expected, 2);
    // 4.30 × 1 / √3
    assert.ok(Math.abs(high - 2 - 2.483) < 0.001 && Math.abs(2 - low - 2.483) < 0.001, `${low} ${high}`);
  });

  it('is certain where all values are known', () => {
    assert.deepEqual(meanFrom([1, 2, 6], 3), { low: 3, expected: 3, high: 3 });
  });

  it('knows of one value that the others may be anything up to twice of it', () => {
    assert.deepEqual(meanFrom([5], 100), { low: 0, expected: 5, high: 10 });
  });

  it('is never of zero width from a sample, and narrower from a larger one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 500 }), (value, count) => {
        const few = meanFrom(Array<number>(count).fill(value), 10_000);
        const more = meanFrom(Array<number>(2 * count).fill(value), 10_000);
        assert.ok(few.low < value && value < few.high);
        assert.ok(more.high < few.high);
      }),
    );
  });
});
