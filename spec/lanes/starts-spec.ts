import assert from 'node:assert/strict';
import { Starts } from '../../lib/lanes/starts.js';

describe('Starts', () => {
  function starts(...times: number[]): Starts {
    const made = new Starts();
    for (const at of times) made.add(at);
    return made;
  }

  it('counts back from the end, and from a time', () => {
    const three = starts(1, 2, 3);
    assert.deepEqual([three.ago(1), three.ago(3), three.ago(4)], [3, 1, Number.NEGATIVE_INFINITY]);
    assert.deepEqual(
      [three.before(3, 1), three.before(10, 1), three.before(2, 2)],
      [2, 3, Number.NEGATIVE_INFINITY],
    );
    assert.deepEqual([three.since(2), three.since(4)], [2, 0]);
  });

  it('forgets calls that were refused', () => {
    const three = starts(1, 2, 3);
    three.remove(2);
    three.remove(7);
    assert.deepEqual([three.ago(1), three.ago(2)], [3, 1]);
  });
});
