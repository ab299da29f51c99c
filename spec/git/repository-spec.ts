import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailure } from '../../lib/errors.js';
import { Repository } from '../../lib/git/repository.js';
import { folderWith } from '../helpers/folder.js';
import { commitAll, gitIn, repositoryWith } from '../helpers/repository.js';

const env = { PATH: process.env.PATH };

async function openAt(folder: string, environment: Readonly<Record<string, string | undefined>> = env) {
  return Repository.open(await Repository.rootOf(folder, environment), environment);
}

describe('a repository', () => {
  it('is found from any folder of its checkout, through links too, at the commit that is checked out', async () => {
    const root = repositoryWith({ 'sub/a.txt': 'a\n' });
    const link = join(folderWith(), 'link');
    symlinkSync(join(root, 'sub'), link);
    for (const folder of [root, join(root, 'sub'), link]) {
      const repository = await openAt(folder);
      assert.equal(repository.root, realpathSync(root));
      assert.equal(repository.commit, gitIn(root, 'rev-parse', 'HEAD').trim());
    }
  });

  it('stays at its commit when the checkout goes on', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const repository = await openAt(root);
    writeFileSync(join(root, 'a.txt'), 'b\n');
    commitAll(root);
    assert.notEqual(repository.commit, gitIn(root, 'rev-parse', 'HEAD').trim());
    assert.deepEqual(await repository.differing([join(root, 'a.txt')]), ['a.txt']);
  });

  it('is not led astray by variables of a git that runs this', async () => {
    const other = repositoryWith({ 'b.txt': 'b\n' });
    const root = repositoryWith({ 'a.txt': 'a\n' });
    const misleading = {
      GIT_DIR: join(other, '.git'),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, 'index'),
      GIT_PREFIX: 'sub/',
      LC_ALL: 'de_DE.UTF-8',
    };
    const repository = await openAt(root, { ...env, ...misleading });
    assert.equal(repository.root, root);
    assert.deepEqual(await repository.differing([join(root, 'a.txt')]), []);
  });

  for (const [what, open, text] of [
    ['no repository', () => openAt(folderWith()), /git rev-parse failed: not a git repository/],
    [
      'a repository without a commit',
      () => {
        const folder = folderWith();
        gitIn(folder, 'init', '--quiet');
        return openAt(folder);
      },
      /git rev-parse failed: Needed a single revision/,
    ],
    ['a machine without git', () => openAt(folderWith(), { PATH: '/nowhere' }), /cannot start "git"/],
  ] as const) {
    it(`is none on ${what}, and it says so`, () =>
      assert.rejects(open, (error) => error instanceof StepFailure && text.test(error.message)));
  }

  it('names the files that are not there as the commit has them', async () => {
    const root = repositoryWith({
      'same.txt': 'x\n',
      'touched.txt': 'x\n',
      'changed.txt': 'x\n',
      'staged.txt': 'x\n',
      'dropped.txt': 'x\n',
      'sub/ü ñ\n.txt': 'x\n',
      '.gitignore': 'ignored.txt\n',
    });
    for (const name of [
      'changed.txt',
      'staged.txt',
      'untracked.txt',
      'ignored.txt',
      'added.txt',
      'sub/ü ñ\n.txt',
    ])
      writeFileSync(join(root, name), 'y\n');
    gitIn(root, 'add', 'staged.txt', 'added.txt');
    gitIn(root, 'rm', '--quiet', '--cached', 'dropped.txt');
    utimesSync(join(root, 'touched.txt'), 1, 1);
    const outside = join(folderWith({ 'outside.txt': 'x' }), 'outside.txt');
    const names = ['same', 'touched', 'changed', 'staged', 'dropped', 'untracked', 'ignored', 'added'];
    const listed = [...names.map((name) => join(root, `${name}.txt`)), join(root, 'sub/ü ñ\n.txt'), outside];
    assert.deepEqual(await (await openAt(root)).differing(listed), [
      'changed.txt',
      'staged.txt',
      'dropped.txt',
      'untracked.txt',
      'ignored.txt',
      'added.txt',
      'sub/ü ñ\n.txt',
    ]);
  });

  it('knows a file by any way to its folder', async () => {
    const root = repositoryWith({ 'sub/a.txt': 'a\n' });
    const link = join(folderWith(), 'link');
    symlinkSync(join(root, 'sub'), link);
    writeFileSync(join(root, 'sub/a.txt'), 'b\n');
    assert.deepEqual(await (await openAt(root)).differing([join(link, 'a.txt')]), ['sub/a.txt']);
  });

  it('leaves the index and its lock alone', async () => {
    const root = repositoryWith({ 'a.txt': 'a\n' });
    writeFileSync(join(root, '.git/index.lock'), '');
    assert.deepEqual(await (await openAt(root)).differing([join(root, 'a.txt')]), []);
    rmSync(join(root, '.git/index.lock'));
  });

  it('knows which folders the commit has', async () => {
    const root = repositoryWith({ 'sub/*?[x]/a.txt': 'a\n', file: 'x' });
    mkdirSync(join(root, 'new'));
    const repository = await openAt(root);
    for (const folder of ['', 'sub', 'sub/*?[x]'])
      assert.equal(await repository.hasFolder(folder), true, folder);
    for (const folder of ['new', 'sub/*', 'file', 'su'])
      assert.equal(await repository.hasFolder(folder), false);
  });
});
