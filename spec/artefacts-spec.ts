import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Artefacts } from '../lib/artefacts.js';
import { folderWith } from './helpers/folder.js';

describe('Artefacts', () => {
  it('makes folders of their own, for their owner only', async () => {
    const artefacts = new Artefacts(join(folderWith({}), 'a', 'generated'));
    await artefacts.prepare();
    const folders = await Promise.all([1, 2, 3].map(() => artefacts.folder('codex_exec')));
    assert.equal(new Set(folders).size, 3);
    for (const folder of [artefacts.directory, ...folders])
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.match(folders[0] ?? '', /generated\/codex_exec_\w{6}$/);
  });

  it('says what stands in the way', async () => {
    const folder = folderWith({ taken: '' });
    for (const directory of ['taken', 'taken/generated']) {
      await assert.rejects(
        new Artefacts(join(folder, directory)).prepare(),
        /generated folder .*: cannot write there, a file stands in its place; name a writable folder with --generated/,
      );
    }
  });
});
