import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
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
});
