import assert from 'node:assert/strict';
import { Wish } from '../../lib/lanes/wish.js';

describe('Wish', () => {
  it('is kept where it is short', () => {
    const wish = new Wish();
    for (let now = 0; now < 10_000; now += 1000) {
      wish.heard(now, 1500);
      assert.equal(wish.ms, 1500);
    }
  });

  it('is none where the server has none', () => {
    const wish = new Wish();
    wish.heard(0, 1500);
    wish.heard(2000, 0);
    assert.equal(wish.ms, 0);
  });

  it('is tested where it is long, ever later while it is tested in vain', () => {
    const wish = new Wish();
    const kept = [0, 2000, 6000].map((now) => {
      wish.heard(now, 60_000);
      return wish.ms;
    });
    assert.deepEqual(kept, [2000, 4000, 8000]);
  });

  it('is kept where an earlier one was meant, until one was not', () => {
    const wish = new Wish();
    wish.heard(0, 6000);
    wish.passed(6000);
    wish.heard(20_000, 60_000);
    assert.equal(wish.ms, 60_000);
    wish.passed(21_000);
    wish.heard(30_000, 60_000);
    assert.equal(wish.ms, 2000);
  });
});
