import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateOf } from '../../lib/git/state.js';
import { folderWith } from '../helpers/folder.js';
import { commitAll, repositoryWith } from '../helpers/repository.js';

const env = { PATH: process.env.PATH };
const state = (folder: string, ours = '') => stateOf(folder, env, (file) => file === join(folder, ours));

describe('the state of a checkout', () => {
  let root: string;

  beforeEach(() => {
    root = repositoryWith({ 'a.txt': 'a\n', '.gitignore': 'ignored\n' });
  });

  const changes: readonly [string, (root: string) => void][] = [
    [
      'a commit',
      (root) => {
        writeFileSync(join(root, 'a.txt'), 'b\n');
        commitAll(root);
      },
    ],
    ['a change that is not committed', (root) => writeFileSync(join(root, 'a.txt'), 'b\n')],
    ['a file that git does not know', (root) => writeFileSync(join(root, 'new.txt'), 'b\n')],
  ];
  for (const [title, change] of changes) {
    it(`is another one after ${title}`, async () => {
      const before = await state(root);
      assert.deepEqual(await state(root), before);
      change(root);
      assert.notDeepEqual(await state(root), before);
    });
  }

  it('is unknown where git can not tell', async () => {
    writeFileSync(join(root, '.git/index'), 'damaged');
    await assert.rejects(state(root), /git (diff|ls-files) failed/);
  });

  it('is the same after what git ignores, and what this program writes', async () => {
    const before = await state(root, 'out.ndjson');
    writeFileSync(join(root, 'ignored'), 'x');
    writeFileSync(join(root, 'out.ndjson'), '{}\n');
    assert.deepEqual(await state(root, 'out.ndjson'), before);
  });

  it('is none outside a checkout', async () => {
    assert.equal(await state(folderWith()), null);
  });
});
