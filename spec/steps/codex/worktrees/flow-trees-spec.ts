import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailure } from '../../../../lib/errors.js';
import { folderWith } from '../../../helpers/folder.js';
import { gitIn } from '../../../helpers/repository.js';
import { append, fail, flowOf, Stage, textOf } from '../../../helpers/worktree-stage.js';

describe('codex: worktrees from step to step', () => {
  it('are shared by the steps of a flow; each patch holds what its step changed', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add()];
    const folders: string[] = [];
    const one = await stage.visit(first, flowOf(0), (folder) => {
      folders.push(folder);
      append('first\n')(folder);
      mkdirSync(join(folder, 'ignored'));
    });
    const two = await stage.visit(second, one, (folder) => {
      folders.push(folder);
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nfirst\n');
      assert.ok(existsSync(join(folder, 'ignored')));
      append('second\n')(folder);
    });
    assert.equal(folders[0], folders[1]);
    const patches = two.steps.map(({ patch }) => patch ?? assert.fail('no patch'));
    assert.match(textOf(patches[1]), /^ first\n\+second$/m);
    for (const patch of patches) gitIn(stage.root, 'apply', '--3way', patch);
    assert.equal(readFileSync(join(stage.root, 'a.txt'), 'utf8'), 'one\nfirst\nsecond\n');
    await stage.close();
  });

  it('name what codex made in a step that git ignores, before it goes', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add()];
    const ignoring =
      (...names: string[]) =>
      (folder: string) => {
        writeFileSync(join(folder, '.gitignore'), 'ignored/\n*.tmp\n');
        for (const name of names) writeFileSync(join(folder, name), 'x');
      };
    const one = await stage.visit(first, flowOf(0), ignoring('a.tmp', 'b.tmp', 'c.tmp', 'd.tmp'));
    const two = await stage.visit(second, one, ignoring('e.tmp'));
    assert.deepEqual(
      two.steps.map(({ ignored }) => ignored),
      [['a.tmp', 'b.tmp', 'c.tmp', 'd.tmp'], ['e.tmp']],
    );
    assert.equal(stage.notices.length, 2);
    assert.match(stage.notices[0] ?? '', /: a\.tmp, b\.tmp, c\.tmp and 1 more; .*`worktree: keep`$/);
    assert.match(stage.notices[1] ?? '', /git ignores.*: e\.tmp; /);
    await stage.close();
    stage.assertClean();
  });

  it('that are kept hold what git ignores: a record names it, and there is no warning', async () => {
    const stage = new Stage();
    const step = await stage.add({ worktree: 'keep' });
    const { facts } = await stage.attempt(step, flowOf(0), (folder) => {
      mkdirSync(join(folder, 'ignored'));
      writeFileSync(join(folder, 'ignored/x'), 'x');
    });
    assert.deepEqual([facts.ignored, stage.notices], [['ignored/x'], []]);
    await stage.close();
    assert.ok(existsSync(join(facts.worktree ?? '', 'ignored/x')));
  });

  it('begin each attempt where the step began; what a failed one changed is kept beside it', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add({ retries: 1 })];
    const flow = await stage.visit(first, flowOf(0), append('first\n'));
    const spoil = (folder: string) => {
      rmSync(join(folder, 'a.txt'));
      writeFileSync(join(folder, 'junk'), 'junk\n');
      fail();
    };
    const failed = await stage.attempt(second, flow, spoil);
    assert.ok(failed.failure instanceof StepFailure && failed.failure.message === 'it failed');
    assert.deepEqual(failed.facts.changes, { files: 2, insertions: 1, deletions: 2 });
    assert.match(textOf(failed.facts.patch), /junk/);
    const done = await stage.visit(
      second,
      flow,
      (folder) => {
        assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nfirst\n');
        assert.equal(existsSync(join(folder, 'junk')), false);
        append('second\n')(folder);
      },
      2,
    );
    assert.deepEqual(done.steps[1]?.changes, { files: 1, insertions: 1, deletions: 0 });
    await stage.close();
    stage.assertClean();
  });

  it('of branches are their own, and build on what the flow did before', async () => {
    const stage = new Stage();
    const [first, second, third] = [await stage.add(), await stage.add(), await stage.add()];
    const binary = Buffer.from([0, 1, 2, 3]);
    const parent = await stage.visit(first, flowOf(0), (folder) => {
      append('parent\n')(folder);
      writeFileSync(join(folder, 'new.bin'), binary);
    });
    const folders = new Set<string>();
    const ends = await Promise.all(
      [0, 1, 2].map(async (position) => {
        const branch = { ...parent, branch: [position] };
        const between = await stage.visit(second, branch, (folder) => {
          folders.add(folder);
          assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nparent\n');
          assert.deepEqual(readFileSync(join(folder, 'new.bin')), binary);
          append(`branch ${position}\n`)(folder);
        });
        return stage.visit(third, between, (folder) => {
          folders.add(folder);
          append('last\n')(folder);
        });
      }),
    );
    assert.equal(folders.size, 3);
    for (const [position, { steps }] of ends.entries()) {
      const clone = join(folderWith(), 'clone');
      gitIn(stage.root, 'clone', '--quiet', '.', clone);
      for (const { patch } of steps) gitIn(clone, 'apply', '--3way', patch ?? assert.fail('no patch'));
      assert.equal(readFileSync(join(clone, 'a.txt'), 'utf8'), `one\nparent\nbranch ${position}\nlast\n`);
    }
    await stage.close();
    stage.assertClean();
  });

  it('are made anew from the patches of steps that an earlier run did', async () => {
    const stage = new Stage();
    const flow = await stage.visit(await stage.add(), flowOf(0), append('first\n'));
    await stage.close();
    const later = new Stage(stage.root);
    await later.add();
    const step = await later.add();
    await later.visit(step, flow, (folder) =>
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nfirst\n'),
    );
    rmSync(flow.steps[0]?.patch ?? '');
    const { failure } = await later.attempt(step, { ...flow, id: 'another' }, fail);
    assert.ok(failure instanceof StepFailure);
    assert.equal(failure.kind, 'input');
    assert.match(failure.message, /an earlier step can't be applied .*changes\.patch/);
    await later.close();
    later.assertClean();
  });
});
