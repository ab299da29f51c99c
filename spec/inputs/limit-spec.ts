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
    const results = await Promise.all([1, 2, 3, 4, 5].map((number) => limit.run(() => task(number))));
    assert.deepEqual({ results, begun, most }, { results: [1, 2, 3, 4, 5], begun: [1, 2, 3, 4, 5], most: 2 });
  });

  it('gives the place of a failed task to the next', async () => {
    const limit = new Limit(1);
    const failed = limit.run(() => Promise.reject(new Error('no')));
    const next = limit.run(async () => 'next');
    await assert.rejects(failed, /no/);
    assert.equal(await next, 'next');
  });
});
