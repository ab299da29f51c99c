import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RunningTimer } from '../lib/running-timer.js';
import { folderWith } from './helpers/folder.js';
import { standStillUntil } from './helpers/stand-still.js';

function over(ms: number): Promise<void> {
  return new Promise((resolve) => new RunningTimer(ms, resolve));
}

describe('RunningTimer', () => {
  it('calls back once', async () => {
    let calls = 0;
    new RunningTimer(5, () => calls++);
    await over(20);
    await over(20);
    assert.equal(calls, 1);
  });

  it('never calls back once it was cleared, and knows what was left then', async () => {
    const cleared = () => assert.fail('it was cleared');
    const [soon, late] = [new RunningTimer(10, cleared), new RunningTimer(100_000, cleared)];
    soon.clear();
    late.clear();
    const { leftMs } = late;
    await over(30);
    assert.ok(leftMs > 0 && leftMs <= 100_000);
    assert.equal(late.leftMs, leftMs);
  });

  it('has its whole time again where it is restarted', async () => {
    const order: string[] = [];
    const first = new Promise<void>((resolve) => {
      const timer = new RunningTimer(40, () => resolve(void order.push('restarted')));
      new RunningTimer(20, () => timer.restart());
    });
    const second = over(50).then(() => order.push('other'));
    await Promise.all([first, second]);
    assert.deepEqual(order, ['other', 'restarted']);
  });

  it('lets what came while this process was stopped be read before it calls back', async () => {
    const file = join(folderWith(), 'said');
    const child = spawn('sh', ['-c', 'echo hi; touch "$1"', 'sh', file]);
    const read = once(child.stdout, 'data').then(() => 'read');
    const stopped = over(300).then(() => 'over');
    standStillUntil(file);
    assert.equal(await Promise.race([read, stopped]), 'read');
    assert.equal(await stopped, 'over');
  });

  it('takes a time that no timer of the system can hold', async () => {
    const timer = new RunningTimer(2 ** 40, () => assert.fail('too soon'));
    await over(5);
    timer.clear();
  });
});
