import assert from 'node:assert/strict';
import { Pauses } from '../../lib/visit/pauses.js';
import { virtualTime } from '../helpers/virtual-time.js';

describe('Pauses', () => {
  it('count once where they overlap, and while they last', async () => {
    using time = virtualTime();
    const pauses = new Pauses();
    assert.deepEqual([pauses.ms, pauses.begin(), pauses.begin()], [0, true, false]);
    await time.pass(20);
    assert.equal(pauses.ms, 20);
    assert.deepEqual([pauses.end(), pauses.end()], [false, true]);
    await time.pass(10);
    assert.equal(pauses.ms, 20);
    assert.equal(pauses.begin(), true);
  });
});
