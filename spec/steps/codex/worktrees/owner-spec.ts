import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisProcess } from '../../../../lib/processes/identity.js';
import { gitIn } from '../../../helpers/repository.js';
import { append, flowOf, Stage } from '../../../helpers/worktree-stage.js';

describe('codex: worktrees', () => {
  it('of a process that was killed are removed by the next run, and no others', async () => {
    const stage = new Stage();
    const ended = spawnSync('true').pid;
    const owners: Record<string, object | null> = {
      dead: { ...thisProcess(), pid: ended },
      recycled: { ...thisProcess(), pid: process.ppid },
      restarted: { ...thisProcess(), boot: 'an earlier one' },
      alive: thisProcess(),
      foreign: { ...thisProcess(), pid: ended, host: 'another', boot: 'its own' },
      contained: { ...thisProcess(), namespace: 'another' },
      kept: null,
    };
    const { directory } = stage.artefacts;
    for (const [name, owner] of Object.entries(owners)) {
      const folder = join(directory, `worktree_${name}`);
      mkdirSync(folder);
      gitIn(stage.root, 'worktree', 'add', '--quiet', '--detach', join(folder, name));
      gitIn(stage.root, 'worktree', 'move', join(folder, name), join(folder, 'tree'));
      if (owner) writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner));
    }
    symlinkSync('worktree_dead', join(directory, 'worktree_link'));
    await stage.visit(await stage.add(), flowOf(0), append('x\n'));
    await stage.close();
    const rest = ['alive', 'contained', 'foreign', 'kept', 'link'].map((name) => `worktree_${name}`);
    assert.deepEqual(stage.left.sort(), rest);
    assert.equal(stage.known, 5);
  });
});
