import assert from 'node:assert/strict';
import { isOutOfFiles, mostAtOnce, withFiles } from '../../lib/files/open-files.js';

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('open files', () => {
  it('at most three quarters are held by one kind', () => {
    assert.deepEqual([mostAtOnce(1, 256), mostAtOnce(3, 256), mostAtOnce(3, 2)], [192, 64, 1]);
  });

  for (const code of ['EMFILE', 'ENFILE']) {
    it(`what meets ${code} is done again until it can be`, async () => {
      let tries = 0;
      const work = async () => {
        if (++tries < 3) throw failure(code);
        return tries;
      };
      assert.equal(await withFiles(work), 3);
    });
  }

  it('any other failure is passed on at once', async () => {
    let tries = 0;
    const work = async () => {
      tries++;
      throw failure('ENOENT');
    };
    await assert.rejects(withFiles(work), { code: 'ENOENT' });
    assert.equal(tries, 1);
    assert.equal(isOutOfFiles(failure('ENOENT')), false);
  });
});
