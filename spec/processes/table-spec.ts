import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isGroupOfZombies, lookUp, psTable, psTableNow, startTimes } from '../../lib/processes/table.js';
import { folderWith } from '../helpers/folder.js';
import { until } from '../helpers/program.js';
import { virtualTime } from '../helpers/virtual-time.js';

describe('isGroupOfZombies', () => {
  before(function () {
    if (platform() !== 'linux') this.skip();
  });

  it('is true of a group that has ended and was never reaped, and looks once for all who ask within a moment', async () => {
    const cwd = folderWith();
    // With `set -m` the first job has a group of its own. It ends once `sleep` has taken bash's place, which reaps nothing.
    const job = '(until test -e go && [ "$(cat /proc/$$/comm)" = sleep ]; do sleep 0.02; done)';
    const bash = spawn('bash', ['-c', `set -m; ${job} & echo $!; exec sleep 600`], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(bash.stdout, 'data');
    const group = Number(line);
    await delay(200); // what others had found is forgotten
    using time = virtualTime();
    assert.equal(await isGroupOfZombies(group), false);
    writeFileSync(join(cwd, 'go'), '');
    await until('it is a zombie', () => lookUp(group)?.isZombie === true);
    assert.equal(await isGroupOfZombies(group), false);
    await time.pass(100);
    assert.equal(await isGroupOfZombies(group), true);
    bash.kill('SIGKILL');
    await time.pass(100);
  });

  it('is false of a group that runs', async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    assert.equal(await isGroupOfZombies(child.pid ?? 0), false);
    child.kill('SIGKILL');
  });

  it('is false of a group that is not there', async () => {
    assert.equal(await isGroupOfZombies(2 ** 30), false);
  });
});

describe('what ps tells, where the system has no better way', () => {
  const { parent, group } = lookUp(process.pid) ?? {};

  it('are all processes, with their parents and groups', async () => {
    for (const table of [await psTable(), psTableNow()]) {
      const own = table.find(({ pid }) => pid === process.pid);
      assert.deepEqual(own, { pid: process.pid, parent, group, isZombie: false, isStopped: false });
      assert.ok(table.some(({ pid }) => pid === parent));
    }
  });

  it('is when they started, to the second', async () => {
    const start = Date.now() - process.uptime() * 1000;
    const told = (await startTimes()).get(process.pid) ?? 0;
    assert.ok(Math.abs(told - start) <= 2000, `${told} ${start}`);
  });
});
