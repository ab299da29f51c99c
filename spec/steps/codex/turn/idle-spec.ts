import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { StepFailure } from '../../../../lib/errors.js';
import { IdleLimit } from '../../../../lib/steps/codex/turn/idle.js';
import { folderWith } from '../../../helpers/folder.js';
import { standStillUntil } from '../../../helpers/stand-still.js';
import { virtualTime } from '../../../helpers/virtual-time.js';

describe('IdleLimit', () => {
  it('aborts when nothing resets it', async () => {
    using time = virtualTime();
    const limit = new IdleLimit(0.05, new AbortController().signal);
    limit.start();
    await time.pass(49);
    assert.ok(!limit.signal.aborted);
    await time.pass(2);
    assert.ok(limit.signal.reason instanceof StepFailure);
    assert.equal(limit.signal.reason.kind, 'timeout');
  });

  it('runs anew with each reset', async () => {
    using time = virtualTime();
    const limit = new IdleLimit(0.5, new AbortController().signal);
    limit.start();
    for (let count = 0; count < 8; count++) {
      await time.pass(499);
      limit.reset();
    }
    assert.ok(!limit.signal.aborted);
    limit.stop();
  });

  it('does not run before it is started, nor after it is stopped', async () => {
    using time = virtualTime();
    const early = new IdleLimit(0.02, new AbortController().signal);
    early.reset();
    const late = new IdleLimit(0.02, new AbortController().signal);
    late.start();
    late.stop();
    late.reset();
    await time.pass(1000);
    assert.deepEqual([early.signal.aborted, late.signal.aborted], [false, false]);
  });

  it('is aborted by the signal that it was given, for its reason', () => {
    const controller = new AbortController();
    const { signal } = new IdleLimit(60, controller.signal);
    controller.abort('enough');
    assert.equal(signal.reason, 'enough');
  });

  it('hears what codex said while this process was stopped', async () => {
    const file = join(folderWith(), 'said');
    const child = spawn('sh', ['-c', 'echo hi; touch "$1"', 'sh', file]);
    const limit = new IdleLimit(0.3, new AbortController().signal);
    limit.start();
    const heard = once(child.stdout, 'data').then(() => limit.reset());
    standStillUntil(file);
    await heard;
    assert.ok(!limit.signal.aborted);
    limit.stop();
  });

  it('takes more seconds than a timer holds', async () => {
    using time = virtualTime();
    const limit = new IdleLimit(1e9, new AbortController().signal);
    limit.start();
    await time.pass(1000);
    limit.stop();
    assert.ok(!limit.signal.aborted);
  });
});
