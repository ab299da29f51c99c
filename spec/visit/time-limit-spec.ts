import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { TimeLimit } from '../../lib/visit/time-limit.js';

describe('TimeLimit', () => {
  it('calls back once when its time is over', async () => {
    let calls = 0;
    new TimeLimit(5, () => calls++);
    await delay(30);
    assert.equal(calls, 1);
  });

  it('never calls back while it is paused, and has only what was left afterwards', async () => {
    let over = false;
    const limit = new TimeLimit(20, () => {
      over = true;
    });
    limit.pause();
    await delay(40);
    assert.equal(over, false);
    limit.resume();
    await delay(60);
    assert.equal(over, true);
  });

  it('has nothing left of a time that was used up before a pause', async () => {
    let over = false;
    const limit = new TimeLimit(50, () => {
      over = true;
    });
    const usedUp = performance.now() + 60;
    while (performance.now() < usedUp);
    limit.pause();
    limit.resume();
    await delay(25); // timers go off in their order, however busy the machine is
    assert.equal(over, true);
  });

  it('takes a time that no timer can hold', async () => {
    const limit = new TimeLimit(2 ** 40, () => assert.fail('too soon'));
    await delay(5);
    limit.pause();
  });
});
