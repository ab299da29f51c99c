import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { JournalError } from '../../lib/store/errors.js';
import { openJournal } from '../../lib/store/journal.js';
import { Outputs } from '../../lib/store/outputs.js';
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

  it('is read however large this program may have made it, and no larger', async () => {
    const folder = folderWith();
    await inJournal(folder, (journal) => journal.saveStep(storedStep(1, { output })));
    const file = join(folder, 'outputs', names(folder)[0] ?? '');
    for (const [bytes, why] of [
      [2 ** 28 + 1, /its checksum is wrong/],
      [2 ** 30 + 1, /is larger than 1024 MiB/],
    ] as const) {
      truncateSync(file, bytes);
      await inJournal(folder, (journal) => assert.throws(() => journal.find(storedStep(1)), why));
    }
  });

  it('outlives the process as soon as it is saved, and is synced before it has its name', async () => {
    const folder = folderWith();
    const journal = await openJournal(folder);
    journal.saveStep(storedStep(1, { output }));
    journal.write();
    assert.deepEqual(
      names(folder).map((name) => name.slice(64)),
      ['.part'],
    );
    const killed = folderWith();
    cpSync(folder, killed, { recursive: true });
    await inJournal(killed, (journal) => assert.equal(journal.find(storedStep(1))?.output, output));
    await journal.close();
    assert.deepEqual(
      names(folder).map((name) => name.slice(64)),
      [''],
    );
  });

  it('that was torn before it was synced is dropped, and written again', async () => {
    const folder = folderWith();
    const journal = await openJournal(folder);
    journal.saveStep(storedStep(1, { output }));
    journal.write();
    const torn = folderWith();
    cpSync(folder, torn, { recursive: true });
    await journal.close();
    truncateSync(join(torn, 'outputs', names(torn)[0] ?? ''), 4096);
    await inJournal(torn, (journal) => {
      assert.equal(journal.find(storedStep(1)), null);
      journal.saveStep(storedStep(1, { output }));
    });
    await inJournal(torn, (journal) => assert.equal(journal.find(storedStep(1))?.output, output));
  });

  it("with a name that isn't a hash is never looked for", async () => {
    const outputs = new Outputs(folderWith());
    assert.equal(outputs.read({ outputFile: '../../etc/passwd' }), undefined);
  });

  it('whose file was deleted counts as missing', async () => {
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
