import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Heap } from '../../lib/lanes/heap.js';

describe('Heap', () => {
  it('hands out what was put in from the least to the greatest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const heap = new Heap<number>((a, b) => a < b);
        for (const number of numbers) heap.push(number);
        const taken = numbers.map(() => heap.pop());
        assert.deepEqual(
          taken,
          numbers.toSorted((a, b) => a - b),
        );
        assert.equal(heap.size, 0);
        assert.equal(heap.pop(), undefined);
      }),
    );
  });

  it('always has its least in front, whatever goes in between', () => {
    const moves = fc.array(fc.oneof(fc.integer(), fc.constant('take' as const)));
    fc.assert(
      fc.property(moves, (moves) => {
        const heap = new Heap<number>((a, b) => a < b);
        const model: number[] = [];
        for (const move of moves) {
          if (move === 'take') assert.equal(heap.pop(), model.shift());
          else {
            heap.push(move);
            model.push(move);
            model.sort((a, b) => a - b);
          }
          assert.equal(heap.peek(), model[0]);
        }
      }),
    );
  });
});
