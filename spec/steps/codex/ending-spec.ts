import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { requireCodex, sandboxWorks } from '../../helpers/codex.js';
import { runningIn, type Stage, withTurns } from '../../helpers/codex-stage.js';
import { command, message } from '../../helpers/responses-server.js';

describe('a codex that is ended', () => {
  let bin: string;

  before(function () {
    bin = requireCodex(this);
  });

  it('after its time-out: no process is left, and the record has what it told', () =>
    withTurns(bin, ['hang'], async ({ record, place, folder, events }) => {
      const { error, steps } = await record({ timeout: 1.5 });
      assert.deepEqual([error?.kind, error?.message], ['timeout', 'timed out after 1.5 s']);
      assert.deepEqual(runningIn(place), []);
      assert.equal(steps[0]?.threadId, events()[0]?.thread_id);
      assert.equal(steps[0]?.folder, folder());
    }));

  it('after its idle time-out, which says how to raise it', () =>
    withTurns(bin, [{ items: [message('half')], open: true }], async ({ record, place, folder, events }) => {
      const { error, steps } = await record({ idleTimeout: 1.5, timeout: 60 });
      assert.equal(error?.kind, 'timeout');
      assert.equal(error?.message, `codex produced no event for 1.5 s (idleTimeout); see ${folder()}`);
      assert.match(error?.hint ?? '', /`idleTimeout`/);
      assert.deepEqual(runningIn(place), []);
      assert.equal(events().at(-1)?.type, 'item.completed');
      assert.deepEqual(readdirSync(folder()).sort(), ['events.jsonl', 'prompt.txt', 'stderr.log']);
      assert.equal(steps[0]?.threadId, events()[0]?.thread_id);
    }));

  it('is tried again after an idle time-out, where the step has retries', () =>
    withTurns(bin, ['hang', { items: [message('ok')] }], async ({ record }) => {
      const { output, steps } = await record({ idleTimeout: 1.5, retries: 1 });
      assert.deepEqual([output, steps[0]?.attempts], ['ok', 2]);
    }));

  it('by an abort: no process is left, and its events so far are', async () => {
    const controller = new AbortController();
    const hanging = async ({ run, server, folder, place, events }: Stage) => {
      const checked = assert.rejects(run(), /enough/);
      while (server.received.length === 0) await delay(20);
      controller.abort(new Error('enough'));
      await checked;
      assert.deepEqual(runningIn(place), []);
      assert.equal(events()[0]?.type, 'thread.started');
      assert.deepEqual(readdirSync(folder()).sort(), ['events.jsonl', 'prompt.txt', 'stderr.log']);
    };
    await withTurns(bin, ['hang'], hanging, controller.signal);
  });

  it('by a cancelled run: the record has what it told', () =>
    withTurns(bin, ['hang'], async ({ record, server, place, folder, events }) => {
      const controller = new AbortController();
      const running = record({}, { signal: controller.signal });
      while (server.received.length === 0) await delay(20);
      controller.abort();
      const { status, steps } = await running;
      assert.deepEqual([status, steps[0]?.status], ['cancelled', 'cancelled']);
      assert.deepEqual(runningIn(place), []);
      assert.equal(steps[0]?.threadId, events()[0]?.thread_id);
      assert.equal(steps[0]?.folder, folder());
    }));

  it('by an abort, with the commands of the model', async function () {
    if (!sandboxWorks(bin)) this.skip();
    const controller = new AbortController();
    const busy = async ({ run, place }: Stage) => {
      const checked = assert.rejects(run(), /enough/);
      while (!runningIn(place).some((line) => line.includes('sleep'))) await delay(20);
      controller.abort(new Error('enough'));
      await checked;
      assert.deepEqual(runningIn(place), []);
    };
    await withTurns(bin, [{ items: [command('sleep 61')] }, 'hang'], busy, controller.signal);
  });
});
