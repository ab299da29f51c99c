import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Pauses } from '../../lib/visit/pauses.js';

describe('Pauses', () => {
  it('count once where they overlap, and while they last', async () => {
    const pauses = new Pauses();
    assert.deepEqual([pauses.ms, pauses.begin(), pauses.begin()], [0, true, false]);
    await delay(20);
    assert.ok(pauses.ms >= 15 && pauses.ms < 1000);
    assert.deepEqual([pauses.end(), pauses.end()], [false, true]);
    const { ms } = pauses;
    await delay(10);
    assert.equal(pauses.ms, ms);
    assert.equal(pauses.begin(), true);
  });
});
