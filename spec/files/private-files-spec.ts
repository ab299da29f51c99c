import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { Context } from 'mocha';
import {
  type Mode,
  makePrivateFolder,
  openPrivate,
  openPrivateSync,
  readPrivate,
  readPrivateSync,
  UnsafeFile,
  writePrivate,
  writePrivateSync,
} from '../../lib/files/private-files.js';
import { folderWith } from '../helpers/folder.js';
import { skip } from '../helpers/skip.js';

const MODES: readonly Mode[] = ['read', 'create', 'change', 'update', 'append'];
const OTHER_USER = 65534;

/** Both ways of opening refuse the file, and leave nothing open. */
async function assertUnsafe(file: string, below: string, mode: Mode, why: RegExp): Promise<void> {
  const isUnsafe = (error: unknown) => error instanceof UnsafeFile && why.test(error.message);
  await assert.rejects(openPrivate(file, below, mode), isUnsafe);
  assert.throws(() => openPrivateSync(file, below, mode), isUnsafe);
}

function asRoot(test: Context): void {
  if (process.geteuid?.() !== 0) skip(test, 'only root can give files to others');
}

describe('a private file', () => {
  it('is created for its owner only, and only where there is none', async () => {
    const below = folderWith();
    makePrivateFolder(join(below, 'run'), below);
    const file = join(below, 'run', 'a');
    await writePrivate(file, below, 'text');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(below, 'run')).mode & 0o777, 0o700);
    await assert.rejects(writePrivate(file, below, 'other'), { code: 'EEXIST' });
    assert.throws(() => writePrivateSync(file, below, 'other'), { code: 'EEXIST' });
    assert.equal(`${await readPrivate(file, below)}`, 'text');
  });

  for (const mode of MODES) {
    it(`to ${mode} is never one that a link leads to, whether there is one or not`, async () => {
      const precious = join(folderWith({ precious: 'mine' }), 'precious');
      const below = folderWith({ 'run/journal': '' });
      for (const target of [precious, `${precious}-new`]) {
        const link = join(below, 'run', `link-${target.length}`);
        symlinkSync(target, link);
        if (mode === 'create') await assert.rejects(openPrivate(link, below, mode), { code: 'EEXIST' });
        else await assertUnsafe(link, below, mode, /is a link/);
      }
      assert.equal(readFileSync(precious, 'utf8'), 'mine');
      assert.ok(!existsSync(`${precious}-new`));
    });

    it(`to ${mode} is never in a folder that a link leads to, however deep`, async () => {
      const elsewhere = folderWith({ 'outputs/a': 'mine' });
      const below = folderWith({ 'run/journal': '' });
      symlinkSync(elsewhere, join(below, 'linked'));
      symlinkSync(join(elsewhere, 'outputs'), join(below, 'run', 'outputs'));
      for (const file of ['linked/outputs/a', 'linked/outputs/b', 'run/outputs/a', 'run/outputs/b']) {
        await assertUnsafe(join(below, file), below, mode, /is a link/);
      }
      assert.deepEqual(readdirSync(join(elsewhere, 'outputs')), ['a']);
    });
  }

  it('may be in a folder that the user named by a link', async () => {
    const below = join(folderWith(), 'generated');
    symlinkSync(folderWith({ 'run/a': 'text' }), below);
    assert.equal(`${await readPrivate(join(below, 'run', 'a'), below)}`, 'text');
    assert.equal(`${await readPrivate(join(below, 'run', 'a'), `${below}/./`)}`, 'text');
  });

  it('is a plain file: a FIFO, a folder and a device are refused at once', async () => {
    const below = folderWith({ 'folder/a': '' });
    execFileSync('mkfifo', [join(below, 'fifo')]);
    for (const mode of ['read', 'change', 'update', 'append'] as const) {
      await assertUnsafe(join(below, 'fifo'), below, mode, /isn't a plain file/);
      await assertUnsafe(join(below, 'folder'), below, mode, /isn't a plain file/);
      await assertUnsafe('/dev/null', '/dev', mode, /isn't a plain file/);
    }
  });

  it('is not read as a whole where it is larger than what this program writes', async () => {
    const folder = folderWith({ big: '' });
    truncateSync(join(folder, 'big'), 2 ** 28 + 1);
    const refusal = { name: 'UnsafeFile', message: `${join(folder, 'big')} is larger than 256 MiB` };
    await assert.rejects(readPrivate(join(folder, 'big'), folder), refusal);
    assert.throws(() => readPrivateSync(join(folder, 'big'), folder), refusal);
  });

  it('is not written where it has a second name', async () => {
    const below = folderWith({ a: 'text' });
    linkSync(join(below, 'a'), join(below, 'b'));
    for (const mode of ['change', 'update', 'append'] as const) {
      await assertUnsafe(join(below, 'a'), below, mode, /second name/);
    }
    assert.equal(`${await readPrivate(join(below, 'a'), below)}`, 'text');
  });

  it('belongs to this user, and so do the folders that it lies in', async function () {
    asRoot(this);
    const below = folderWith({ 'theirs/a': '', 'ours/a': '' });
    chownSync(join(below, 'theirs'), OTHER_USER, OTHER_USER);
    chownSync(join(below, 'ours', 'a'), OTHER_USER, OTHER_USER);
    for (const file of ['theirs/a', 'ours/a']) {
      await assertUnsafe(join(below, file), below, 'read', /belongs to another user \(number 65534\)/);
    }
    assert.deepEqual(readdirSync(below), ['ours', 'theirs']);
  });

  it('is in a folder: nothing is made in the place of anything else', () => {
    const below = folderWith({ file: '' });
    symlinkSync(folderWith(), join(below, 'link'));
    for (const name of ['file', 'link']) {
      assert.throws(() => makePrivateFolder(join(below, name), below), UnsafeFile);
    }
    assert.ok(statSync(join(below, 'file')).isFile());
    mkdirSync(join(below, 'folder'));
    makePrivateFolder(join(below, 'folder'), below);
  });
});

describe('what keeps files in the generated folder', () => {
  /** Each opens, or creates, a file by its path. */
  const OPENS =
    /\b(open|openSync|readFile|readFileSync|writeFile|writeFileSync|appendFile|appendFileSync|create(Read|Write)Stream|truncate|copyFile|cp|chmod|utimes)\b/;
  const lib = resolve(import.meta.dirname, '../../lib');
  const store = readdirSync(join(lib, 'store')).map((name) => `store/${name}`);
  /** A folder is opened to be synced; nothing is read or written by that. */
  const others = [
    'steps/artefacts.ts',
    'processes/pid-file.ts',
    'processes/leftovers.ts',
    'steps/text.ts',
    'steps/codex/files.ts',
    'steps/codex/worktrees/owner.ts',
  ];

  for (const name of [...store, ...others].filter((name) => name !== 'store/durable.ts')) {
    it(`opens it as a private file: ${name}`, () => {
      const imports = readFileSync(join(lib, name), 'utf8').match(
        /import \{[^}]*\} from 'node:fs(\/promises)?'/g,
      );
      for (const each of imports ?? []) assert.doesNotMatch(each, OPENS);
    });
  }
});
