import assert from 'node:assert/strict';
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LockError } from '../../lib/store/lock.js';
import { createRun, openRun } from '../../lib/store/run-store.js';
import { findRun, foreignIds, listRuns, removeRun } from '../../lib/store/runs.js';
import { folderWith } from '../helpers/folder.js';
import { skip } from '../helpers/skip.js';
import { storedStep } from '../helpers/stored.js';

/** The folders of so many runs that have ended. */
async function runs(generated: string, count: number): Promise<string[]> {
  const folders: string[] = [];
  for (let n = 0; n < count; n++) {
    const store = await createRun(generated, { n });
    await store.close({ ended: n });
    folders.push(store.folder);
  }
  return folders;
}

describe('listRuns', () => {
  it('is empty where there is nothing', async () => {
    const folder = folderWith();
    assert.deepEqual(await listRuns(join(folder, 'nowhere')), []);
    assert.deepEqual(await listRuns(folder), []);
  });

  it('shows runs in the order in which they were last started or resumed, and who has them', async () => {
    const generated = folderWith({ 'codex_exec_1/prompt.txt': 'x', 'run.txt': '' });
    const [a = '', b = '', c = ''] = await runs(generated, 3);
    const live = await openRun(b, { again: true });
    live.saveStep(storedStep(1, { output: 'x'.repeat(100_000) }));
    await live.flushed();
    const list = await listRuns(generated);
    assert.deepEqual(
      list.map(({ folder, file }) => ({ folder, info: file?.info, end: file?.end })),
      [
        { folder: a, info: { n: 0 }, end: { ended: 0 } },
        { folder: c, info: { n: 2 }, end: { ended: 2 } },
        { folder: b, info: { again: true }, end: null },
      ],
    );
    assert.deepEqual(
      list.map(({ holder }) => holder?.pid),
      [undefined, undefined, process.pid],
    );
    const [, , { bytes = 0 } = {}] = list;
    assert.ok(bytes > 100_000 && bytes < 110_000, `${bytes}`);
    await live.close({});
  });

  it('shows runs that broke off before they had begun, and damaged ones, but no files', async () => {
    const generated = folderWith({ 'run_b/run.json': '{', 'run_a/lock': '{', 'run_notes.txt': 'x' });
    const list = await listRuns(generated);
    assert.deepEqual(
      list.map(({ id, file, holder }) => ({ id, file, holder })),
      [
        { id: 'a', file: null, holder: null },
        { id: 'b', file: null, holder: null },
      ],
    );
  });
});

describe("other users' runs", () => {
  /** Their runs come last by name. */
  async function shared(test: Mocha.Context) {
    if (process.geteuid?.() !== 0) skip(test, 'only root can give folders to others');
    const generated = folderWith({ 'run_29991231-235959-evil/lock': '' });
    chownSync(join(generated, 'run_29991231-235959-evil'), 65534, 65534);
    const [ours = ''] = await runs(generated, 1);
    return { generated, ours };
  }

  it('are neither listed nor the last one, and are known to be there', async function () {
    const { generated, ours } = await shared(this);
    assert.deepEqual(
      (await listRuns(generated)).map(({ folder }) => folder),
      [ours],
    );
    assert.equal(await findRun(generated, 'last'), ours);
    assert.deepEqual(await foreignIds(generated), ['29991231-235959-evil']);
  });

  it('are refused where they are named, and opened by nothing', async function () {
    const { generated } = await shared(this);
    await assert.rejects(
      findRun(generated, '2999'),
      /run_29991231-235959-evil belongs to another user; copy it/,
    );
    const folder = join(generated, 'run_29991231-235959-evil');
    await assert.rejects(openRun(folder, {}), /belongs to another user/);
    assert.deepEqual(readdirSync(folder), ['lock']);
  });
});

describe('the order of runs', () => {
  it('is that of the ids where .runs is a link, which nothing is read or written through', async () => {
    const generated = folderWith();
    const [first = ''] = await runs(generated, 1);
    const precious = join(folderWith({ precious: 'mine\n' }), 'precious');
    rmSync(join(generated, '.runs'));
    symlinkSync(precious, join(generated, '.runs'));
    await (await openRun(first, {})).close({});
    assert.equal(readFileSync(precious, 'utf8'), 'mine\n');
    assert.equal(await findRun(generated, 'last'), first);
  });
});

describe('findRun', () => {
  it('says so where the folder of the runs is a file', async () => {
    const generated = join(folderWith({ file: '' }), 'file');
    await assert.rejects(
      findRun(generated, 'last'),
      /--generated: cannot look for runs in .*file: it is a file/,
    );
  });

  it('finds the last one, an id, the beginning of one, and a folder', async () => {
    const generated = folderWith();
    const [a = '', b = ''] = await runs(generated, 2);
    assert.equal(await findRun(generated, 'last'), b);
    await (await openRun(a, {})).close({});
    assert.equal(await findRun(generated, 'last'), a);
    for (const folder of [a, b]) {
      const name = folder.slice(generated.length + 1);
      for (const meant of [name, name.slice(4), name.slice(0, -1), name.slice(4, -1), folder, `${folder}/`]) {
        assert.equal(await findRun(generated, meant), folder);
      }
    }
  });

  it('takes a whole id for that run, though another begins with it', async () => {
    const generated = folderWith({ 'run_ab/x': '', 'run_abc/x': '' });
    assert.equal(await findRun(generated, 'ab'), join(generated, 'run_ab'));
  });

  it('says which there are', async () => {
    const generated = folderWith({ 'run_ab/x': '', 'run_ac/x': '', 'other/run_d/x': '' });
    const rows: [string, RegExp][] = [
      ['a', /^"a" begins the ids of several runs: ac, ab$/],
      ['b', /^no run "b"; the latest are ac, ab$/],
      ['', /^no run ""; the latest are ac, ab$/],
      [join(generated, 'other/run_d'), /^no run ".*other\/run_d"; the latest are ac, ab$/],
      [join(generated, 'other/run_ab'), /^no run /],
    ];
    for (const [meant, message] of rows)
      await assert.rejects(findRun(generated, meant), { name: 'ConfigError', message });
    const empty = folderWith();
    await assert.rejects(findRun(empty, 'last'), { message: `there is no run in ${empty} yet` });
  });

  it('knows the last one of those that are left', async () => {
    const generated = folderWith();
    const [a = '', b = ''] = await runs(generated, 3);
    await (await openRun(a, {})).close({});
    await removeRun(a);
    await removeRun(await findRun(generated, 'last'));
    assert.equal(await findRun(generated, 'last'), b);
  });
});

describe('the folder of all runs', () => {
  it('lists its runs for their owner only, though others may look into it', async () => {
    const folder = folderWith({ 'mine/.gitkeep': '' });
    await (await createRun(join(folder, 'mine'), {})).close({});
    assert.equal(statSync(join(folder, 'mine/.runs')).mode & 0o777, 0o600);
  });
});

describe('removeRun', () => {
  it('deletes the run, and nothing else', async () => {
    const generated = folderWith({ 'codex_exec_1/x': '' });
    const [a = '', b = ''] = await runs(generated, 2);
    await removeRun(a);
    assert.deepEqual(
      readdirSync(generated).sort(),
      ['.gitignore', '.runs', 'codex_exec_1', b.slice(generated.length + 1)].sort(),
    );
  });

  it('refuses one that is live', async () => {
    const store = await createRun(folderWith(), {});
    await assert.rejects(removeRun(store.folder), LockError);
    await store.close({});
    assert.ok(existsSync(join(store.folder, 'journal.ndjson')));
    await removeRun(store.folder);
    assert.equal(existsSync(store.folder), false);
  });
});
