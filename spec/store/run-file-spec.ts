import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JournalError } from '../../lib/store/errors.js';
import { readRunFile, writeRunFile } from '../../lib/store/run-file.js';
import { folderWith } from '../helpers/folder.js';

const FACTS = { info: { stdin: { doc: 'ä.md\nb.md\n' }, parallel: 4 }, end: { how: 'completed' } };

describe('run.json', () => {
  it('says what it was given, as JSON', async () => {
    const folder = folderWith();
    await writeRunFile(folder, FACTS);
    assert.deepEqual(await readRunFile(folder), { ...FACTS, isSigned: false });
    const { sum, ...facts } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
    assert.match(sum, /^[0-9a-f]{8}$/);
    assert.deepEqual(facts, { ...FACTS.info, end: FACTS.end });
  });

  it('is null where there is none', async () => {
    assert.equal(await readRunFile(folderWith()), null);
  });

  it('is refused, with its name and what can be done, whichever byte was flipped, and wherever it was cut', async () => {
    const folder = folderWith();
    const file = join(folder, 'run.json');
    await writeRunFile(folder, FACTS);
    const whole = readFileSync(file);
    for (let place = 0; place < whole.length; place++) {
      const flipped = Buffer.from(whole);
      flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8));
      for (const bytes of [flipped, whole.subarray(0, place)]) {
        writeFileSync(file, bytes);
        await assert.rejects(readRunFile(folder), (error) => {
          assert.ok(error instanceof JournalError);
          assert.equal(error.file, file);
          assert.equal(
            error.hint,
            'Its results are all there: delete this file, and name the config with --resume.',
          );
          return true;
        });
      }
    }
  });
});
