import assert from 'node:assert/strict';
import { InOrder } from '../../lib/engine/delivery.js';

describe('Turns', () => {
  it('gives the turn in the order of positions, not of arrival', async () => {
    const inOrder = new InOrder();
    const left: number[] = [];
    const leave = async (position: number) => {
      await inOrder.wait(position);
      left.push(position);
      inOrder.done(position);
    };
    await Promise.all([3, 1, 0, 2].map(leave));
    assert.deepEqual(left, [0, 1, 2, 3]);
  });

  it('goes past positions that never waited', async () => {
    const inOrder = new InOrder();
    const third = inOrder.wait(2);
    inOrder.done(1);
    inOrder.done(0);
    await third;
  });
});
