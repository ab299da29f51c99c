import assert from 'node:assert/strict';
import fc from 'fast-check';
import { spread } from '../../lib/plan/spread.js';

/** How often each entry of each key takes part. */
function counts(sizes: readonly number[], indices: readonly number[]): number[][] {
  const counts = sizes.map((size) => Array<number>(size).fill(0));
  for (const index of indices) {
    let rest = index;
    for (let place = sizes.length - 1; place >= 0; place--) {
      const size = sizes[place] ?? 1;
      const of = counts[place] ?? [];
      of[rest % size] = (of[rest % size] ?? 0) + 1;
      rest = Math.floor(rest / size);
    }
  }
  return counts;
}

describe('spread', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 });

  it('picks distinct flows of the product, in order, always the same', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 500 }), (sizes, count) => {
        const total = sizes.reduce((product, size) => product * size, 1);
        const picked = spread(sizes, count);
        assert.equal(picked.length, Math.min(count, total));
        assert.equal(new Set(picked).size, picked.length);
        assert.ok(picked.every((index) => Number.isInteger(index) && index >= 0 && index < total));
        assert.deepEqual(
          picked,
          picked.toSorted((a, b) => a - b),
        );
        assert.deepEqual(spread(sizes, count), picked);
      }),
    );
  });

  it('takes every entry of two long lists once', () => {
    for (const of of counts([1000, 1000], spread([1000, 1000], 1000))) {
      assert.deepEqual([Math.min(...of), Math.max(...of)], [1, 1]);
    }
  });

  it('is even where there is room', () => {
    const shapes: [sizes: number[], count: number][] = [
      [[340], 10],
      [[100, 7], 70],
      [[20, 30, 40], 120],
      [[5000, 3], 200],
      [[2, 3, 1000], 50],
      [[1000, 1000, 1000], 997],
    ];
    for (const [sizes, count] of shapes) {
      for (const of of counts(sizes, spread(sizes, count))) {
        assert.ok(Math.max(...of) - Math.min(...of) <= 1, `${sizes}, ${count}: ${of}`);
      }
    }
  });

  it("isn't a diagonal: equal keys come in many pairs", () => {
    const pairs = spread([10, 10], 20).map((index) => index % 10 === Math.floor(index / 10));
    assert.ok(pairs.filter((same) => same).length <= 4, `${pairs}`);
  });

  it('takes none of an empty product, and all of a small one', () => {
    assert.deepEqual(spread([3, 0], 10), []);
    assert.deepEqual(spread([], 10), [0]);
    assert.deepEqual(spread([2, 3], 10), [0, 1, 2, 3, 4, 5]);
  });
});
