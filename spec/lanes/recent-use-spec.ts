import assert from 'node:assert/strict';
import { RecentUse } from '../../lib/lanes/recent-use.js';

describe('RecentUse', () => {
  function used() {
    const recent = new RecentUse();
    recent.periodMs = 100;
    recent.add(0, 3);
    recent.add(50, 2);
    return recent;
  }

  it('forgets what was used a period ago', () => {
    assert.deepEqual([used().units(99), used().units(100), used().units(150)], [5, 2, 0]);
    assert.deepEqual(
      [used().forgottenAt(3), used().forgottenAt(4), used().forgottenAt(6)],
      [100, 150, undefined],
    );
  });

  it('gives back what was used last, and counts nothing of it later', () => {
    const recent = used();
    recent.add(60, -3);
    assert.equal(recent.units(60), 2);
    assert.equal(recent.units(100), 0);
    recent.add(110, 1);
    assert.equal(recent.units(155), 1);
  });
});
