import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Artefacts } from '../../../../lib/steps/artefacts.js';
import { commitAll, repositoryWith, userWith } from '../../../helpers/repository.js';
import { append, flowOf, Stage, textOf } from '../../../helpers/worktree-stage.js';

describe('codex: worktrees of flows', () => {
  it('are private, one for each flow, and leave what was changed as a patch', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const folders = new Set<string>();
    const flows = await Promise.all(
      [0, 1, 2, 3].map((index) =>
        stage.visit(step, flowOf(index), (folder) => {
          folders.add(folder);
          assert.equal(statSync(join(folder, '..')).mode & 0o777, 0o700);
          append(`flow ${index}\n`)(folder);
        }),
      ),
    );
    assert.equal(folders.size, 4);
    for (const [index, flow] of flows.entries()) {
      const { patch, changes, worktree } = flow.steps[0] ?? assert.fail();
      assert.match(textOf(patch), new RegExp(`^ one\n\\+flow ${index}\n$`, 'm'));
      assert.deepEqual(changes, { files: 1, insertions: 1, deletions: 0 });
      assert.equal(worktree, undefined);
    }
    await stage.close();
    stage.assertClean();
  });

  it('are in the folder of the step', async () => {
    const stage = new Stage();
    const step = await stage.add({}, join(stage.root, 'sub'));
    await stage.visit(step, flowOf(0), (folder) => {
      assert.equal(relative(join(folder, '..'), folder), 'sub');
      assert.deepEqual(readdirSync(folder), ['b.txt']);
    });
    await stage.close();
  });

  it('are told as the folder for artefacts was given', async () => {
    const stage = new Stage();
    const artefacts = new Artefacts(relative(process.cwd(), stage.artefacts.directory));
    const step = await stage.add({ worktree: 'keep' }, stage.root, { artefacts });
    const { facts } = await stage.attempt(step, flowOf(0), append('x\n'));
    assert.ok(facts.worktree?.startsWith(`${artefacts.directory}/worktree_`), facts.worktree);
    await stage.close();
  });

  it('leave no patch where nothing was changed', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const { facts } = await stage.attempt(step, flowOf(0), (folder) => {
      mkdirSync(join(folder, 'ignored'));
      writeFileSync(join(folder, 'ignored/x'), 'x');
      mkdirSync(join(folder, '.agents'));
    });
    const changes = { files: 0, insertions: 0, deletions: 0 };
    assert.deepEqual(facts, { changes, ignored: ['ignored/x'] });
    await stage.close();
    stage.assertClean();
  });

  it('stay at the commit at which the run began', async () => {
    const stage = new Stage();
    const step = await stage.add();
    writeFileSync(join(stage.root, 'a.txt'), 'two\n');
    commitAll(stage.root);
    await stage.visit(step, flowOf(0), (folder) =>
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\n'),
    );
    await stage.close();
  });

  it('of two repositories know their own patches by the names of the steps', async () => {
    const stage = new Stage();
    const other = repositoryWith({ 'a.txt': 'other\n' });
    const first = await stage.add();
    const second = await stage.add({ name: 'second' }, other);
    const flow = await stage.visit(first, flowOf(0), append('x\n'));
    await stage.visit(second, flow, (folder) =>
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'other\n'),
    );
    const third = repositoryWith({ 'a.txt': 'third\n' });
    await assert.rejects(stage.add({}, third), /steps\[2\]\.name: shares its name "codex".*name both/);
    await stage.close();
  });

  it('that cannot be made fail the flow, and leave nothing', async () => {
    const stage = new Stage(repositoryWith({ 'a.txt': 'one\n', '.gitattributes': '* filter=broken\n' }));
    const env = userWith('[filter "broken"]\n\tsmudge = false\n\trequired = true\n');
    const step = await stage.add({}, stage.root, { env });
    const { failure } = await stage.attempt(step, flowOf(0), () => assert.fail('it began'));
    assert.match(String(failure), /the flow can't have a worktree: git reset failed: .*smudge filter/);
    assert.deepEqual([stage.left, stage.known], [[], 1]);
    await stage.close();
  });
});
