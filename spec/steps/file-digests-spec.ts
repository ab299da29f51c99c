import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputDigests } from '../../lib/steps/file-digests.js';
import { folderWith } from '../helpers/folder.js';
import { setup } from '../helpers/setup.js';

describe('inputDigests', () => {
  it('are others when a file has changed, however deep it lies in a folder that is named', async () => {
    const folder = folderWith({ 'one.txt': 'a', 'data/two.txt': 'a', 'data/deep/deeper/three.txt': 'a' });
    const digests = async () => JSON.stringify(await inputDigests(['one.txt', 'data'], setup({ folder })));
    const seen = [await digests()];
    for (const file of ['one.txt', 'data/two.txt', 'data/deep/deeper/three.txt']) {
      writeFileSync(join(folder, file), 'b');
      seen.push(await digests());
    }
    assert.equal(new Set(seen).size, 4);
  });

  it('are none for a file without an end', async () => {
    const folder = folderWith({});
    symlinkSync('/dev/zero', join(folder, 'zero'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await assert.rejects(
      inputDigests(['zero'], setup({ folder })),
      /inputs\[0\]: cannot be read: is larger than 64 MiB/,
    );
    await assert.rejects(
      inputDigests(['pipe'], setup({ folder })),
      /inputs\[0\]: cannot be read: is a named pipe/,
    );
  });
});
