import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { StepFailure } from '../../../../lib/errors.js';
import { Artefacts } from '../../../../lib/steps/artefacts.js';
import { makeFiles } from '../../../../lib/steps/codex/files.js';
import { callCodex, IdleLimit } from '../../../../lib/steps/codex/turn/call.js';
import type { CodexEvent } from '../../../../lib/steps/codex/turn/event.js';
import { Turn } from '../../../../lib/steps/codex/turn/turn.js';
import { folderWith } from '../../../helpers/folder.js';
import { until } from '../../../helpers/program.js';
import { standStillUntil } from '../../../helpers/stand-still.js';
import { virtualTime } from '../../../helpers/virtual-time.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const program = resolve(import.meta.dirname, '../../../fixtures/many-events.ts');
const MiB = 2 ** 20;

class Counted extends Turn {
  seen = 0;

  override see(event: CodexEvent): void {
    super.see(event);
    this.seen++;
  }
}

/** Notes the memory that is in use after so many events. */
class Measured extends Counted {
  readonly kept = new Map<number, number>();

  override see(event: CodexEvent): void {
    super.see(event);
    if (this.seen !== 50_000 && this.seen !== 199_000) return;
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    this.kept.set(this.seen, heapUsed + external);
  }
}

/** What codex would do is done by another program, for this alone: it can be told how much, and how slowly. */
async function call(file: string, args: readonly string[], turn: Turn, idleTimeout: number) {
  const files = await makeFiles(new Artefacts(folderWith()), 'go', undefined);
  const { signal } = new AbortController();
  const command = { file, args, cwd: process.cwd(), env: process.env, stdin: '', signal };
  const job = { prompt: 'go', files, turn, signal, detail: undefined };
  const end = await callCodex(command, job, { idleTimeout, secrets: [] });
  assert.equal(end.exitCode, 0, end.stderr);
  return files;
}

describe('a long codex run', () => {
  it('takes no more memory with 200,000 events than with 50,000: they are on disk', async () => {
    const turn = new Measured();
    const files = await call(process.execPath, ['--import', 'tsx', program, '200000'], turn, 600);
    assert.equal(turn.completed, true);
    assert.ok((await stat(files.events)).size > 20 * MiB);
    const [few = 0, many = 0] = turn.kept.values();
    assert.ok(many - few < 4 * MiB, `${few} bytes after 50,000 events, ${many} after 199,000`);
  });

  it('is not idle as long as an event comes now and then', async () => {
    const folder = folderWith();
    const turn = new Counted();
    const event = `echo '{"type":"thread.started","thread_id":"x"}'`;
    const script = `${event}; for n in 1 2 3; do until test -e "$1/$n"; do sleep 0.02; done; ${event}; done`;
    using time = virtualTime();
    const called = call('sh', ['-c', script, 'sh', folder], turn, 0.4);
    await until('it is up', () => turn.seen === 1);
    for (const n of [1, 2, 3]) {
      await time.pass(300);
      writeFileSync(join(folder, String(n)), '');
      await until('an event comes', () => turn.seen === n + 1);
    }
    await called;
  });
});

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
