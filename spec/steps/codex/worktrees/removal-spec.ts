import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailure } from '../../../../lib/errors.js';
import { until } from '../../../helpers/program.js';
import { gitIn } from '../../../helpers/repository.js';
import { append, fail, flowOf, Stage, textOf } from '../../../helpers/worktree-stage.js';

/** A promise, and what fulfils it. */
function latch() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('codex: worktrees when the flow has ended', () => {
  it('are removed when the flow has ended, or its last step is done', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add()];
    const one = await stage.visit(first, flowOf(1), append('x\n'));
    await stage.visit(first, flowOf(2), append('x\n'));
    assert.equal(stage.left.length, 2);
    await stage.visit(second, one, append('y\n'));
    await until('the first is removed', () => stage.left.length === 1 && stage.known === 2);
    stage.finished$.next('flow2');
    await until('the second is removed', () => stage.left.length === 0 && stage.known === 1);
    await stage.close();
    stage.assertClean();
  });

  it('are kept where a step says so, whatever becomes of the flow', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add({ worktree: 'keep' })];
    const flow = await stage.visit(first, flowOf(0), append('x\n'));
    const { facts } = await stage.attempt(second, flow, (folder) => {
      append('y\n')(folder);
      fail();
    });
    stage.finished$.next('flow0');
    await stage.close();
    const kept = facts.worktree ?? assert.fail('it is not told');
    assert.equal(readFileSync(join(kept, 'a.txt'), 'utf8'), 'one\nx\ny\n');
    assert.match(gitIn(kept, 'status', '--porcelain'), /^ M a\.txt$/m);
    assert.deepEqual(readdirSync(join(kept, '..')), ['tree']);
  });

  it('are closed only after the work in them has ended, and then none is left', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const controller = new AbortController();
    const [began, work] = [latch(), latch()];
    const late = async (folder: string) => {
      append('late\n')(folder);
      began.open();
      await work.opened;
      controller.signal.throwIfAborted();
    };
    const working = stage.attempt(step, flowOf(0), late, 1, controller.signal);
    await began.opened;
    controller.abort(new Error('enough'));
    const never = () => assert.fail('it began');
    const waiting = stage.attempt(step, flowOf(1), never, 1, controller.signal);
    const closing = stage.close();
    work.open();
    await closing;
    const { facts } = await working;
    assert.match(textOf(facts.patch), /late/);
    assert.match(String((await waiting).failure), /enough/);
    stage.assertClean();
  });

  it('with a repository within are kept, since no patch can hold it', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const { facts } = await stage.attempt(step, flowOf(0), (folder) => {
      mkdirSync(join(folder, 'mine'));
      gitIn(join(folder, 'mine'), 'init', '--quiet');
      append('x\n')(folder);
    });
    assert.deepEqual(facts.changes, { files: 1, insertions: 1, deletions: 0 });
    await stage.close();
    assert.ok(existsSync(join(facts.worktree ?? '', 'mine/.git')));
    assert.match(stage.notices.join(), /repository of its own.*tree\/mine/);
  });

  it('whose changes cannot be saved as a patch stay, and the step fails', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const { failure } = await stage.attempt(step, flowOf(0), (folder) => {
      append('x\n')(folder);
      const [attempt = ''] = readdirSync(stage.artefacts.directory).filter((name) =>
        name.startsWith('codex_exec'),
      );
      mkdirSync(join(stage.artefacts.directory, attempt, 'changes.patch')); // in the way
    });
    assert.ok(failure instanceof StepFailure);
    assert.match(failure.message, /can't be saved as a patch .*; see .*\/worktree_\w+\/tree$/);
    await stage.close();
    const [folder = ''] = stage.left;
    assert.equal(readFileSync(join(stage.artefacts.directory, folder, 'tree/a.txt'), 'utf8'), 'one\nx\n');
  });
});
