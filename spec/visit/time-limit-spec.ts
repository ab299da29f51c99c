import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Pauses, TimeLimit } from '../../lib/visit/time-limit.js';
import { folderWith } from '../helpers/folder.js';
import { standStillUntil } from '../helpers/stand-still.js';
import { virtualTime } from '../helpers/virtual-time.js';

describe('TimeLimit', () => {
  it('calls back once when its time is over', async () => {
    using time = virtualTime();
    let calls = 0;
    new TimeLimit(5, () => calls++);
    await time.pass(100);
    assert.equal(calls, 1);
  });

  it('never calls back while it is paused, and has only what was left afterwards', async () => {
    using time = virtualTime();
    let calls = 0;
    const limit = new TimeLimit(20, () => calls++);
    await time.pass(15);
    limit.pause();
    await time.pass(1000);
    limit.resume();
    await time.pass(4);
    assert.equal(calls, 0);
    await time.pass(2);
    assert.equal(calls, 1);
  });

  it('has nothing left of a time that was used up before a pause', async () => {
    using time = virtualTime();
    let calls = 0;
    // Set before: it goes off before that of the limit.
    setTimeout(() => {
      limit.pause();
      limit.resume();
      assert.equal(calls, 0);
    }, 50);
    const limit = new TimeLimit(50, () => calls++);
    await time.pass(52);
    assert.equal(calls, 1);
  });

  it('is kept by what ended in time while this process was stopped', async () => {
    const file = join(folderWith(), 'said');
    const child = spawn('sh', ['-c', 'touch "$1"', 'sh', file]);
    const ended = once(child, 'close');
    let over = false;
    const limit = new TimeLimit(300, () => {
      over = true;
    });
    standStillUntil(file);
    await ended;
    assert.equal(over, false);
    limit.pause();
  });

  it('takes a time that no timer can hold', async () => {
    using time = virtualTime();
    const limit = new TimeLimit(2 ** 40, () => assert.fail('too soon'));
    await time.pass(100);
    limit.pause();
  });
});

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
