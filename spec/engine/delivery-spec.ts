import assert from 'node:assert/strict';
import { Turns } from '../../lib/engine/delivery.js';

describe('Turns', () => {
  it('gives the turn in the order of positions, whoever comes first', async () => {
    const turns = new Turns();
    const left: number[] = [];
    const leave = async (position: number) => {
      await turns.wait(position);
      left.push(position);
      turns.through(position);
    };
    await Promise.all([3, 1, 0, 2].map(leave));
    assert.deepEqual(left, [0, 1, 2, 3]);
  });

  it('goes past positions that never waited', async () => {
    const turns = new Turns();
    const third = turns.wait(2);
    turns.through(1);
    turns.through(0);
    await third;
  });
});
