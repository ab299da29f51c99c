import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findUserKey, makeUserKey } from '../../lib/store/user-key.js';
import { folderWith } from '../helpers/folder.js';

describe("the user's key", () => {
  it('is made once, for its owner only', async () => {
    const folder = join(folderWith(), 'state', 'orchestrator');
    assert.deepEqual(await findUserKey(folder), { key: null, problem: null });
    assert.equal(existsSync(folder), false);
    const { key, problem } = await makeUserKey(folder);
    assert.deepEqual([key?.length, problem], [32, null]);
    assert.deepEqual(await makeUserKey(folder), { key, problem });
    assert.deepEqual(await findUserKey(folder), { key, problem });
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, 'key')).mode & 0o777, 0o600);
  });

  it('is the same for all that make it at the same time', async () => {
    const folder = join(folderWith(), 'orchestrator');
    const made = await Promise.all(Array.from({ length: 20 }, () => makeUserKey(folder)));
    assert.equal(new Set(made.map(({ key }) => key?.toString('hex'))).size, 1);
    assert.deepEqual(readdirSync(folder), ['key']);
  });

  it('is none where it cannot be made, kept or believed, and it is said why', async () => {
    const file = join(folderWith({ file: '' }), 'file', 'orchestrator');
    const open = folderWith({ key: Buffer.alloc(32) });
    chmodSync(join(open, 'key'), 0o644);
    const short = folderWith();
    writeFileSync(join(short, 'key'), 'x', { mode: 0o600 });
    const linked = folderWith();
    symlinkSync(join(short, 'key'), join(linked, 'key'));
    for (const [folder, why] of [
      [null, /neither HOME nor XDG_STATE_HOME is set/],
      [file, /ENOTDIR/],
      [open, /key is open to others; delete it/],
      [short, /key isn't a key of 32 bytes; delete it/],
      [linked, /key is a link/],
    ] as const) {
      for (const get of [makeUserKey, findUserKey]) {
        const { key, problem } = await get(folder);
        assert.equal(key, null);
        assert.match(problem ?? '', why);
      }
    }
  });
});
