import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guarded } from '../../lib/git/guard.js';
import { Repository } from '../../lib/git/repository.js';
import { addWorktree } from '../../lib/git/worktrees.js';
import { folderWith } from '../helpers/folder.js';
import { gitIn, repositoryWith } from '../helpers/repository.js';

const never = new AbortController().signal;

/** Programs that leave a mark when they run, and settings of a user that name some. */
function stage() {
  const folder = folderWith({ 'user.gitconfig': '' });
  const user = join(folder, 'user.gitconfig');
  const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: user, GIT_CONFIG_NOSYSTEM: '1' };
  const program = (name: string) => {
    const file = join(folder, `program-${name}`);
    writeFileSync(file, `#!/bin/sh\ntouch '${folder}/ran-${name}'\ncat\n`, { mode: 0o755 });
    return file;
  };
  const ran = () => readdirSync(folder).filter((name) => name.startsWith('ran-'));
  return { env, user, program, ran };
}

/** A repository in which somebody has named a program wherever git looks for one. */
function trapped(program: (name: string) => string): string {
  const root = repositoryWith({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': '1\n2\n3\n' });
  const settings = {
    'filter.one.clean': program('clean'),
    'filter.one.smudge': program('smudge'),
    'filter.two.parts.process': program('process'),
    'filter.two.parts.required': 'true',
    'merge.own.driver': `${program('driver')} %A`,
    'core.fsmonitor': program('fsmonitor'),
    'core.sshCommand': program('ssh'),
    'diff.external': program('external'),
    'diff.own.textconv': program('textconv'),
    'diff.own.command': program('diff'),
  };
  for (const [name, value] of Object.entries(settings)) gitIn(root, 'config', name, value);
  const attributes = '* filter=one diff=own merge=own\nb.txt filter=two.parts\n';
  writeFileSync(join(root, '.git/info/attributes'), attributes);
  for (const hook of ['post-checkout', 'post-index-change', 'reference-transaction'])
    writeFileSync(join(root, '.git/hooks', hook), readFileSync(program(hook)), { mode: 0o755 });
  return root;
}

describe('git, where the repository names programs', () => {
  it('runs none of them: not for a worktree and what is done in it, nor to look at the checkout', async () => {
    const { env, program, ran } = stage();
    const root = trapped(program);
    const repository = await Repository.open(root, env);
    writeFileSync(join(root, 'a.txt'), 'changed\n');
    assert.deepEqual(await repository.differing([join(root, 'a.txt'), join(root, 'b.txt')]), ['a.txt']);

    const worktree = await addWorktree(repository, join(folderWith(), 'tree'), never);
    assert.equal(readFileSync(join(worktree.folder, 'b.txt'), 'utf8'), 'b\n');
    const before = await worktree.snapshot();
    writeFileSync(join(worktree.folder, 'c.txt'), '1\n2\n3\n4\n');
    writeFileSync(join(worktree.folder, 'new.txt'), 'new\n');
    const after = await worktree.snapshot();
    const patch = join(folderWith(), 'changes.patch');
    await worktree.writePatch(before.tree, after.tree, patch);
    await worktree.reset(before.tree);
    await worktree.apply(patch);
    assert.equal((await worktree.snapshot()).tree, after.tree);
    assert.deepEqual(ran(), []);
  });

  it('merges text as ever in the place of their drivers', async () => {
    const { env, program, ran } = stage();
    const repository = await Repository.open(trapped(program), env);
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) => addWorktree(repository, join(folderWith(), name), never)),
    );
    assert.ok(one && two);
    const { tree } = await one.snapshot();
    writeFileSync(join(one.folder, 'c.txt'), '1\n2\n3\nlast\n');
    const patch = join(folderWith(), 'changes.patch');
    await one.writePatch(tree, (await one.snapshot()).tree, patch);
    await two.snapshot();
    writeFileSync(join(two.folder, 'c.txt'), 'first\n1\n2\n3\n');
    await two.snapshot();
    await two.apply(patch);
    assert.equal(readFileSync(join(two.folder, 'c.txt'), 'utf8'), 'first\n1\n2\n3\nlast\n');
    assert.deepEqual(ran(), []);
  });

  it("runs those that the user's own settings name, also where the repository has put others in their place", async () => {
    const { env, user, program, ran } = stage();
    const root = trapped(program);
    writeFileSync(user, `[filter "one"]\n\tsmudge = ${program('users')}\n`);
    const repository = await Repository.open(root, env);
    await addWorktree(repository, join(folderWith(), 'tree'), never);
    assert.deepEqual(ran(), ['ran-users']);
  });

  it('fetches nothing that is missing', async () => {
    const { env, program, ran } = stage();
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const settings = {
      'core.repositoryFormatVersion': '1',
      'extensions.partialClone': 'far',
      'remote.far.promisor': 'true',
      'remote.far.url': folderWith(),
      'remote.far.uploadpack': `${program('uploadpack')} </dev/null #`,
    };
    const blob = gitIn(root, 'rev-parse', 'HEAD:a.txt').trim();
    const repository = await Repository.open(root, env);
    for (const [name, value] of Object.entries(settings)) gitIn(root, 'config', name, value);
    gitIn(root, 'prune-packed');
    rmSync(join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    await assert.rejects(addWorktree(repository, join(folderWith(), 'tree'), never));
    assert.deepEqual(ran(), []);
  });

  it('refuses a setting that it cannot be told to leave', async () => {
    const { env, program, ran } = stage();
    const root = repositoryWith({ 'a.txt': 'a\n' });
    gitIn(root, 'config', 'filter.a=b.smudge', program('smudge'));
    writeFileSync(join(root, '.git/info/attributes'), '* filter=a=b\n');
    const repository = await Repository.open(root, env);
    const message = /a = in its name, and git can't be told to leave it: filter\.a=b\.smudge$/;
    await assert.rejects(addWorktree(repository, join(folderWith(), 'tree'), never), message);
    await assert.rejects(repository.differing([join(root, 'a.txt')]), message);
    assert.deepEqual(ran(), []);
  });

  it('switches off hooks of any settings', async () => {
    const { env, user } = stage();
    const root = repositoryWith({ 'a.txt': 'a\n' });
    writeFileSync(user, '[hook "mine"]\n\tevent = post-checkout\n\tcommand = true\n');
    gitIn(root, 'config', 'hook.its.own.command', 'true');
    const { settings = [] } = await guarded({ cwd: root, env });
    assert.deepEqual([...settings].sort(), ['hook.its.own.enabled=false', 'hook.mine.enabled=false']);
  });
});
