import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RunningTimer } from '../../lib/util/running-timer.js';
import { folderWith } from '../helpers/folder.js';
import { standStillUntil } from '../helpers/stand-still.js';
import { virtualTime } from '../helpers/virtual-time.js';

describe('RunningTimer', () => {
  it('calls back once', async () => {
    using time = virtualTime();
    let calls = 0;
    new RunningTimer(5, () => calls++);
    await time.pass(4);
    assert.equal(calls, 0);
    await time.pass(100);
    assert.equal(calls, 1);
  });

  it('never calls back once it was cleared, and knows what was left then', async () => {
    using time = virtualTime();
    const timer = new RunningTimer(100, () => assert.fail('it was cleared'));
    await time.pass(30);
    timer.clear();
    await time.pass(1000);
    assert.equal(Math.round(timer.leftMs), 70);
  });

  it('has its whole time again where it is restarted', async () => {
    using time = virtualTime();
    let calls = 0;
    const timer = new RunningTimer(40, () => calls++);
    await time.pass(30);
    timer.restart();
    await time.pass(39);
    assert.equal(calls, 0);
    await time.pass(2);
    assert.equal(calls, 1);
  });

  it('lets what came while this process was stopped be read before it calls back', async () => {
    const file = join(folderWith(), 'said');
    const child = spawn('sh', ['-c', 'echo hi; touch "$1"', 'sh', file]);
    const read = once(child.stdout, 'data').then(() => 'read');
    const stopped = new Promise((resolve) => new RunningTimer(300, () => resolve('over')));
    standStillUntil(file);
    assert.equal(await Promise.race([read, stopped]), 'read');
    assert.equal(await stopped, 'over');
  });

  it('takes a time that no timer of the system can hold', async () => {
    using time = virtualTime();
    const timer = new RunningTimer(2 ** 40, () => assert.fail('too soon'));
    await time.pass(100);
    timer.clear();
  });
});
