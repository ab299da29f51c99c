import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Limit } from '../../lib/inputs/limit.js';

describe('Limit', () => {
  it('runs so many at once, the others in order', async () => {
    const limit = new Limit(2);
    const begun: number[] = [];
    let [running, most] = [0, 0];
    const task = async (number: number) => {
      begun.push(number);
      running++;
      most = Math.max(most, running);
      await turn();
      running--;
      return number;
    };
    const all = (numbers: number[]) => Promise.all(numbers.map((number) => limit.run(() => task(number))));
    assert.deepEqual(await all([1, 2, 3, 4, 5]), [1, 2, 3, 4, 5]);
    assert.deepEqual(await all([6, 7, 8, 9]), [6, 7, 8, 9]);
    assert.deepEqual({ begun, most }, { begun: [1, 2, 3, 4, 5, 6, 7, 8, 9], most: 2 });
  });

  it('gives the place of a failed task to the next', async () => {
    const limit = new Limit(1);
    const failed = limit.run(() => Promise.reject(new Error('no')));
    const next = limit.run(async () => 'next');
    await assert.rejects(failed, /no/);
    assert.equal(await next, 'next');
  });
});
