import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { JournalError } from '../../lib/store/errors.js';
import { folderWith } from '../helpers/folder.js';
import { fileOf, inJournal } from '../helpers/journals.js';
import { storedStep } from '../helpers/stored.js';

describe('a big output', () => {
  const output = 'x'.repeat(70_000);
  const names = (folder: string) => readdirSync(join(folder, 'outputs'));

  it('has a file of its own, one for all that are equal', async () => {
    const folder = folderWith();
    await inJournal(folder, (journal) => {
      for (const n of [1, 2, 3]) journal.saveStep(storedStep(n, { output }));
    });
    assert.equal(names(folder).length, 1);
    assert.equal(statSync(join(folder, 'outputs')).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, 'outputs', names(folder)[0] ?? '')).mode & 0o777, 0o600);
    assert.ok(statSync(fileOf(folder)).size < 2000);
  });

  it('that was damaged is named, and never given out', async () => {
    const folder = folderWith();
    await inJournal(folder, (journal) => journal.saveStep(storedStep(1, { output })));
    const file = join(folder, 'outputs', names(folder)[0] ?? '');
    appendFileSync(file, ' ');
    await inJournal(folder, (journal) => {
      assert.throws(
        () => journal.find(storedStep(1)),
        (error) => error instanceof JournalError && error.file === file && error.hint.includes(`rm ${file}`),
      );
    });
    truncateSync(file, 3);
    await inJournal(folder, (journal) => assert.throws(() => journal.find(storedStep(1)), JournalError));
  });

  it('whose file was deleted is no result any more', async () => {
    const folder = folderWith();
    await inJournal(folder, (journal) => journal.saveStep(storedStep(1, { output })));
    execFileSync('rm', [join(folder, 'outputs', names(folder)[0] ?? '')]);
    await inJournal(folder, (journal) => {
      assert.equal(journal.find(storedStep(1)), null);
      journal.saveStep(storedStep(1, { output }));
      assert.equal(journal.find(storedStep(1))?.output, output);
    });
    assert.equal(names(folder).length, 1);
  });
});
