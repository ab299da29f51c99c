import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isGroupOfZombies } from '../../lib/processes/zombies.js';

describe('isGroupOfZombies', () => {
  before(function () {
    if (platform() !== 'linux') this.skip();
  });

  it('is true of a group that has ended and was never reaped', async () => {
    // With `set -m` the first job has a group of its own; `sleep` takes bash's place and reaps nobody.
    const bash = spawn('bash', ['-c', 'set -m; sleep 0.1 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(bash.stdout, 'data');
    let zombies = false;
    for (let tries = 0; !zombies && tries < 100; tries++) {
      await delay(10);
      zombies = await isGroupOfZombies(Number(line));
    }
    bash.kill('SIGKILL');
    assert.equal(zombies, true);
  });

  it('is false of a group that runs', async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    assert.equal(await isGroupOfZombies(child.pid ?? 0), false);
    child.kill('SIGKILL');
  });

  it('takes no longer for a thousand groups that are asked for at once', async () => {
    const started = performance.now();
    await Promise.all(Array.from({ length: 1000 }, (_, n) => isGroupOfZombies(2 ** 30 + n)));
    const ms = performance.now() - started;
    assert.ok(ms < 1000, `${ms} ms`);
  });

  it('is false of a group that is not there', async () => {
    assert.equal(await isGroupOfZombies(2 ** 30), false);
  });
});
