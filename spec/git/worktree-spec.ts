import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Repository } from '../../lib/git/repository.js';
import type { Worktree } from '../../lib/git/worktree.js';
import { addWorktree } from '../../lib/git/worktrees.js';
import { folderWith } from '../helpers/folder.js';
import { gitIn, repositoryWith } from '../helpers/repository.js';

const env = { PATH: process.env.PATH };
const never = new AbortController().signal;

async function worktreeOf(root: string): Promise<Worktree> {
  const repository = await Repository.open(root, env);
  return addWorktree(repository, join(folderWith(), 'tree'), never);
}

function write(folder: string, name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

/** The patch of all that the change does in a worktree; the worktree and its snapshots. */
async function patchOf(root: string, change: (folder: string) => void) {
  const worktree = await worktreeOf(root);
  const before = await worktree.snapshot();
  change(worktree.folder);
  const after = await worktree.snapshot();
  const patch = join(folderWith(), 'changes.patch');
  await worktree.writePatch(before.tree, after.tree, patch);
  return { worktree, before, after, patch };
}

describe('a worktree', () => {
  const files = {
    'a.txt': 'one\ntwo\n',
    'gone.txt': 'x\n',
    'run.sh': '#!/bin/sh\n',
    'image.bin': Buffer.from([0, 1, 2, 255, 0]),
    'sub/deep.txt': 'deep\n',
    '.gitignore': 'ignored/\n',
  };
  const odd = ['-dash', 'new\nline', 'ünï çödé', 'quo"te\'s', ' space ', 'tab\t', '*?[x]', ':(top)x'];

  it('gives a patch of everything that changed, which git apply takes', async () => {
    const root = repositoryWith(files);
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7) % 256));
    const { patch } = await patchOf(root, (folder) => {
      write(folder, 'a.txt', 'one\n2\nthree');
      rmSync(join(folder, 'gone.txt'));
      chmodSync(join(folder, 'run.sh'), 0o755);
      write(folder, 'image.bin', bytes);
      write(folder, 'new/file.txt', 'new\n');
      write(folder, 'empty', '');
      symlinkSync('a.txt', join(folder, 'link'));
      for (const name of odd) write(folder, name, `${name}\n`);
      write(folder, 'ignored/build.js', 'x');
    });
    assert.equal(statSync(patch).mode & 0o777, 0o600);
    gitIn(root, 'apply', '--3way', patch);
    assert.equal(readFileSync(join(root, 'a.txt'), 'utf8'), 'one\n2\nthree');
    assert.equal(existsSync(join(root, 'gone.txt')), false);
    assert.equal(statSync(join(root, 'run.sh')).mode & 0o111, 0o111);
    assert.deepEqual(readFileSync(join(root, 'image.bin')), bytes);
    assert.equal(readFileSync(join(root, 'new/file.txt'), 'utf8'), 'new\n');
    assert.equal(readFileSync(join(root, 'empty'), 'utf8'), '');
    assert.equal(readlinkSync(join(root, 'link')), 'a.txt');
    for (const name of odd) assert.equal(readFileSync(join(root, name), 'utf8'), `${name}\n`, name);
    assert.equal(existsSync(join(root, 'ignored')), false);
  });

  it("takes a file name that isn't UTF-8", async () => {
    const root = repositoryWith(files);
    const name = Buffer.from([0x66, 0xff, 0x6f]);
    const { patch, before, after, worktree } = await patchOf(root, (folder) => {
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), 'latin\n');
    });
    assert.deepEqual(await worktree.changes(before.tree, after.tree), {
      files: 1,
      insertions: 1,
      deletions: 0,
    });
    gitIn(root, 'apply', patch);
    assert.equal(readFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), 'utf8'), 'latin\n');
  });

  it('counts files and lines; bytes of a binary file are none', async () => {
    const { worktree, before, after } = await patchOf(repositoryWith(files), (folder) => {
      write(folder, 'a.txt', 'one\n2\nthree\n');
      write(folder, 'image.bin', Buffer.from([0, 9]));
      rmSync(join(folder, 'gone.txt'));
      chmodSync(join(folder, 'run.sh'), 0o755);
    });
    assert.deepEqual(await worktree.changes(before.tree, after.tree), {
      files: 4,
      insertions: 2,
      deletions: 2,
    });
  });

  it('sees a file become a folder, and a folder a file', async () => {
    const root = repositoryWith(files);
    const { patch } = await patchOf(root, (folder) => {
      rmSync(join(folder, 'a.txt'));
      write(folder, 'a.txt/inside', 'x\n');
      rmSync(join(folder, 'sub'), { recursive: true });
      write(folder, 'sub', 'y\n');
    });
    gitIn(root, 'apply', patch);
    assert.equal(readFileSync(join(root, 'a.txt/inside'), 'utf8'), 'x\n');
    assert.equal(readFileSync(join(root, 'sub'), 'utf8'), 'y\n');
  });

  it('has the same snapshot whatever was done to the index, HEAD and .git', async () => {
    const root = repositoryWith(files);
    const worktree = await worktreeOf(root);
    const { tree } = await worktree.snapshot();
    write(worktree.folder, 'a.txt', 'changed\n');
    const changed = await worktree.snapshot();
    gitIn(worktree.folder, 'add', '--all');
    gitIn(worktree.folder, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '--quiet', '-m', 'x');
    assert.deepEqual(await worktree.snapshot(), changed);
    writeFileSync(join(worktree.folder, '.git'), 'gitdir: /nowhere\n');
    assert.deepEqual(await worktree.snapshot(), changed);
    rmSync(join(worktree.folder, '.git'));
    mkdirSync(join(worktree.folder, '.git/objects'), { recursive: true });
    assert.deepEqual(await worktree.snapshot(), changed);
    assert.equal(gitIn(worktree.folder, 'rev-parse', '--show-toplevel').trim(), worktree.folder);
    assert.notEqual(changed.tree, tree);
  });

  it("doesn't disturb what the model sees of its own changes", async () => {
    const worktree = await worktreeOf(repositoryWith(files));
    write(worktree.folder, 'a.txt', 'changed\n');
    await worktree.snapshot();
    assert.match(gitIn(worktree.folder, 'status', '--short'), /^ M a\.txt$/m);
  });

  it('runs nothing that the model left there', async () => {
    const worktree = await worktreeOf(repositoryWith(files));
    const proof = join(folderWith(), 'ran');
    const evil = (folder: string) => {
      mkdirSync(folder, { recursive: true });
      gitIn(folder, 'init', '--quiet');
      write(folder, 'file', 'x\n');
      gitIn(folder, 'add', '.');
      gitIn(folder, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '--quiet', '-m', 'x');
      gitIn(folder, 'config', 'core.fsmonitor', `touch ${proof}; false`);
      gitIn(folder, 'config', 'filter.evil.clean', `touch ${proof}; cat`);
      write(folder, '.gitattributes', '* filter=evil\n');
      write(folder, 'file', 'y\n');
    };
    evil(join(worktree.folder, 'nested'));
    evil(join(worktree.folder, '.evil'));
    writeFileSync(join(worktree.folder, '.git'), `gitdir: ${join(worktree.folder, '.evil/.git')}\n`);
    for (const _ of [1, 2]) {
      const { nested } = await worktree.snapshot();
      assert.deepEqual(nested, ['.evil/', 'nested/']);
    }
    assert.equal(existsSync(proof), false);
    // The trap does work.
    execFileSync('git', ['status'], { cwd: join(worktree.folder, 'nested'), env });
    assert.equal(existsSync(proof), true);
  });

  it('names folders that are repositories of their own, and takes the rest', async () => {
    const { after, patch } = await patchOf(repositoryWith(files), (folder) => {
      write(folder, 'nested/file', 'x');
      gitIn(join(folder, 'nested'), 'init', '--quiet');
      write(folder, 'beside', 'x\n');
      mkdirSync(join(folder, 'sub/.git'));
      write(folder, 'sub/deep.txt', 'deeper\n');
    });
    assert.deepEqual(after.nested, ['nested/']);
    assert.match(readFileSync(patch, 'utf8'), /beside/);
    assert.match(readFileSync(patch, 'utf8'), /deeper/);
  });

  it('names what git ignores in it, by the global list of the user, too', async () => {
    const home = folderWith({ '.config/git/ignore': '*.local\n' });
    const repository = await Repository.open(repositoryWith(files), { ...env, HOME: home });
    const worktree = await addWorktree(repository, join(folderWith(), 'tree'), never);
    assert.deepEqual((await worktree.snapshot()).ignored, []);
    write(worktree.folder, 'ignored/build.js', 'x');
    write(worktree.folder, 'ignored/sub/more.js', 'x');
    write(worktree.folder, 'sub/ü.local', 'x');
    write(worktree.folder, 'new.txt', 'x');
    write(worktree.folder, 'sub/ignored/deep/only.js', 'x');
    mkdirSync(join(worktree.folder, 'new/ignored'), { recursive: true });
    const { ignored } = await worktree.snapshot();
    assert.deepEqual(ignored, ['ignored/', 'sub/ignored/deep/only.js', 'sub/ü.local']);
  });

  it('is restored to a snapshot; ignored files stay', async () => {
    const { worktree, before } = await patchOf(repositoryWith(files), (folder) => {
      write(folder, 'a.txt', 'changed\n');
      rmSync(join(folder, 'gone.txt'));
      write(folder, 'new/file.txt', 'new\n');
      write(folder, 'nested/file', 'x');
      gitIn(join(folder, 'nested'), 'init', '--quiet');
      mkdirSync(join(folder, 'hollow'));
      write(folder, 'ignored/build.js', 'x');
    });
    await worktree.reset(before.tree);
    assert.deepEqual(await worktree.snapshot(), { ...before, ignored: ['ignored/build.js'] });
    assert.equal(readFileSync(join(worktree.folder, 'a.txt'), 'utf8'), 'one\ntwo\n');
    for (const name of ['new', 'nested', 'hollow'])
      assert.equal(existsSync(join(worktree.folder, name)), false);
    assert.equal(existsSync(join(worktree.folder, 'ignored/build.js')), true);
  });

  it('takes the patches of another in their order', async () => {
    const root = repositoryWith(files);
    const { worktree, after, patch } = await patchOf(root, (folder) => {
      write(folder, 'a.txt', 'one\n2\n');
      write(folder, 'new', Buffer.from([0, 1]));
    });
    write(worktree.folder, 'a.txt', 'one\n2\n3\n');
    rmSync(join(worktree.folder, 'new'));
    const last = await worktree.snapshot();
    const second = join(folderWith(), 'second.patch');
    await worktree.writePatch(after.tree, last.tree, second);
    const other = await worktreeOf(root);
    await other.apply(patch);
    await other.apply(second);
    assert.deepEqual(await other.snapshot(), last);
    assert.equal(readFileSync(join(other.folder, 'a.txt'), 'utf8'), 'one\n2\n3\n');
  });

  it('refuses a patch that does not fit', async () => {
    const { patch } = await patchOf(repositoryWith({ other: 'x\n' }), (folder) =>
      write(folder, 'other', 'y\n'),
    );
    const worktree = await worktreeOf(repositoryWith(files));
    await assert.rejects(worktree.apply(patch), /git apply failed: other: /);
  });

  it('is independent of line endings that git converts', async () => {
    const root = repositoryWith({ '.gitattributes': '*.txt text eol=crlf\n', 'a.txt': 'one\r\ntwo\r\n' });
    const { patch, worktree } = await patchOf(root, (folder) => write(folder, 'a.txt', 'one\r\n2\r\n'));
    gitIn(root, 'apply', '--3way', patch);
    assert.equal(readFileSync(join(root, 'a.txt'), 'utf8'), 'one\r\n2\r\n');
    assert.ok(lstatSync(worktree.folder).isDirectory());
  });

  it('is possible at a commit without files', async () => {
    const root = repositoryWith({});
    const { patch } = await patchOf(root, (folder) => write(folder, 'first', 'x\n'));
    gitIn(root, 'apply', patch);
    assert.equal(readFileSync(join(root, 'first'), 'utf8'), 'x\n');
  });

  it('ignores settings of the user that change what a diff looks like', async () => {
    const root = repositoryWith(files);
    const settings = [
      'diff.noprefix=true',
      'diff.mnemonicPrefix=true',
      'color.ui=always',
      'diff.external=false',
    ];
    for (const setting of [...settings, 'apply.whitespace=error', 'core.quotePath=false']) {
      const [name = '', value = ''] = setting.split('=');
      gitIn(root, 'config', name, value);
    }
    const { patch } = await patchOf(root, (folder) => write(folder, 'a.txt', 'trailing  \n'));
    assert.match(readFileSync(patch, 'utf8'), /^diff --git a\/a\.txt b\/a\.txt\n/);
    const other = await worktreeOf(root);
    await other.apply(patch);
    assert.equal(readFileSync(join(other.folder, 'a.txt'), 'utf8'), 'trailing  \n');
  });
});
