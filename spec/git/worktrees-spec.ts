import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Repository } from '../../lib/git/repository.js';
import { addWorktree, removeWorktree } from '../../lib/git/worktrees.js';
import { folderWith } from '../helpers/folder.js';
import { gitIn, repositoryWith, userWith } from '../helpers/repository.js';

const env = { PATH: process.env.PATH };
const never = new AbortController().signal;

function countOf(root: string): number {
  return gitIn(root, 'worktree', 'list').trimEnd().split('\n').length;
}

describe('worktrees', () => {
  it('are added and removed, however many at once', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const repository = await Repository.open(root, env);
    const folder = folderWith();
    const folders = Array.from({ length: 12 }, (_, index) => join(folder, `w${index}`));
    await Promise.all(folders.map((one) => addWorktree(repository, one, never)));
    assert.equal(countOf(root), 13);
    for (const one of folders) assert.ok(existsSync(join(one, 'a.txt')));
    await Promise.all(folders.map((one) => removeWorktree(repository, one)));
    assert.equal(countOf(root), 1);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('are added and removed while other processes do the same', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const repository = await Repository.open(root, env);
    const folder = folderWith();
    const line =
      'i=0; while [ ! -e "$1/stop" ]; do i=$((i+1)); git worktree add -q --detach "$1/other$2_$i" HEAD; ' +
      'git worktree remove --force --force "$1/other$2_$i"; done';
    const others = [1, 2].map((n) =>
      spawn('sh', ['-c', line, 'sh', folder, String(n)], { cwd: root, env, stdio: 'ignore' }),
    );
    const ended = others.map((other) => once(other, 'close'));
    try {
      for (let turn = 0; turn < 20; turn++) {
        await addWorktree(repository, join(folder, `mine${turn}`), never);
        await removeWorktree(repository, join(folder, `mine${turn}`));
      }
    } finally {
      writeFileSync(join(folder, 'stop'), '');
      await Promise.all(ended);
    }
    assert.doesNotMatch(gitIn(root, 'worktree', 'list'), /mine/);
  });

  it('run no hook of the user', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const hook = join(root, '.git/hooks/post-checkout');
    mkdirSync(join(root, '.git/hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\ntouch ran\n', { mode: 0o755 });
    const folder = join(folderWith(), 'tree');
    await addWorktree(await Repository.open(root, env), folder, never);
    assert.deepEqual(readdirSync(folder).sort(), ['.git', 'a.txt']);
  });

  for (const [what, spoil] of [
    ['whose folder is gone', (folder: string) => rmSync(folder, { recursive: true })],
    ['whose .git is gone', (folder: string) => rmSync(join(folder, '.git'))],
    [
      'whose folder became a link',
      (folder: string) => {
        rmSync(folder, { recursive: true });
        symlinkSync('..', folder);
      },
    ],
    ['that is locked', (folder: string) => void gitIn(folder, 'worktree', 'lock', '.')],
    ['with files of its own', (folder: string) => writeFileSync(join(folder, 'mine'), 'x')],
  ] as const) {
    it(`are removed, also one ${what}`, async () => {
      const root = repositoryWith({ 'a.txt': 'a\n' });
      const repository = await Repository.open(root, env);
      const folder = join(folderWith(), 'tree');
      await addWorktree(repository, folder, never);
      spoil(folder);
      await removeWorktree(repository, folder);
      assert.equal(countOf(root), 1);
      assert.equal(existsSync(folder), false);
    });
  }

  it("leave the user's own alone, also where a model put a link to it", async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const own = join(folderWith(), 'own');
    gitIn(root, 'worktree', 'add', '--quiet', '--detach', own);
    const folder = join(folderWith(), 'tree');
    symlinkSync(own, folder);
    await removeWorktree(await Repository.open(root, env), folder);
    assert.equal(existsSync(folder), false);
    assert.ok(existsSync(join(own, 'a.txt')));
    assert.equal(countOf(root), 2);
  });

  it("leave the user's own alone, also one whose disk is away", async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const own = join(folderWith(), 'own');
    gitIn(root, 'worktree', 'add', '--quiet', '--detach', own);
    rmSync(own, { recursive: true });
    const repository = await Repository.open(root, env);
    const folder = join(folderWith(), 'tree');
    await addWorktree(repository, folder, never);
    await removeWorktree(repository, folder);
    assert.equal(countOf(root), 2);
  });

  it('are not begun any more after an abort, and nothing is left of one that was being added', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n', '.gitattributes': '* filter=slow\n' });
    const repository = await Repository.open(root, userWith('[filter "slow"]\n\tsmudge = "sleep 30; cat"\n'));
    const controller = new AbortController();
    const folder = folderWith();
    const adding = ['one', 'two'].map((name) =>
      addWorktree(repository, join(folder, name), controller.signal),
    );
    const ends = Promise.allSettled(adding);
    while (!existsSync(join(folder, 'one/.git'))) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort(new Error('enough'));
    for (const end of await ends) assert.ok(end.status === 'rejected' && end.reason.message === 'enough');
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(countOf(root), 1);
  });

  it('that cannot be added say why, and leave nothing', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n', '.gitattributes': '* filter=broken\n' });
    const user = userWith('[filter "broken"]\n\tsmudge = false\n\trequired = true\n');
    const repository = await Repository.open(root, user);
    const folder = folderWith();
    await assert.rejects(
      addWorktree(repository, join(folder, 'tree'), never),
      /^StepFailure: git reset failed: .*: smudge filter broken failed$/,
    );
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(countOf(root), 1);
  });
});
