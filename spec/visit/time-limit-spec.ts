import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TimeLimit } from '../../lib/visit/time-limit.js';
import { folderWith } from '../helpers/folder.js';
import { standStillUntil } from '../helpers/stand-still.js';

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

  it('is kept by what ended in time while this process was stopped', async () => {
    const file = join(folderWith(), 'said');
    const child = spawn('sh', ['-c', 'touch "$1"', 'sh', file]);
    const ended = once(child, 'close').then(() => 'ended');
    const stopped = new Promise((resolve) => new TimeLimit(300, () => resolve('over')));
    standStillUntil(file);
    assert.equal(await Promise.race([ended, stopped]), 'ended');
  });

  it('takes a time that no timer can hold', async () => {
    const limit = new TimeLimit(2 ** 40, () => assert.fail('too soon'));
    await delay(5);
    limit.pause();
  });
});
