import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import type { StoredStep } from '../../lib/store/contract.js';
import { JournalError } from '../../lib/store/errors.js';
import { openJournal } from '../../lib/store/journal.js';
import { FIRST_LINE, putLine } from '../../lib/store/line.js';
import { folderWith } from '../helpers/folder.js';
import { fileOf, inJournal, STEPS, written } from '../helpers/journals.js';
import { storedStep } from '../helpers/stored.js';

/** Where each line begins, and where the last one ends. */
function beginnings(bytes: Buffer): number[] {
  const after = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([place]) => place + 1);
  return [0, ...after];
}

async function damageOf(folder: string): Promise<JournalError> {
  const error = await openJournal(folder).then(
    async (journal) => {
      await journal.close();
      return undefined;
    },
    (error) => error,
  );
  assert.ok(error instanceof JournalError, `opened, or failed with ${error}`);
  return error;
}

describe('a journal that was torn', () => {
  it('opens, loses the torn line alone, says so, and goes on, wherever in its last three lines it was cut', async () => {
    const whole = readFileSync(fileOf(await written()));
    const starts = beginnings(whole);
    const folder = folderWith();
    for (let cut = starts.at(-4) ?? 0; cut < whole.length; cut++) {
      writeFileSync(fileOf(folder), whole.subarray(0, cut));
      const end = starts.findLast((start) => start <= cut) ?? 0;
      const kept = STEPS - starts.filter((start) => start > cut).length;
      await inJournal(folder, (journal) => {
        assert.equal(journal.torn, cut - end);
        assert.equal(statSync(fileOf(folder)).size, end);
        const found = Array.from({ length: STEPS }, (_, n) => journal.find(storedStep(n)) !== null);
        assert.deepEqual(
          found,
          Array.from({ length: STEPS }, (_, n) => n < kept),
        );
        journal.saveStep(storedStep(9));
      });
      await inJournal(folder, (journal) => {
        assert.equal(journal.torn, 0);
        assert.notEqual(journal.find(storedStep(9)), null);
        assert.notEqual(journal.find(storedStep(kept - 1)), null);
      });
    }
  });

  it('opens when not even its first line is whole', async () => {
    const folder = folderWith({ 'journal.ndjson': '{"sum":"' });
    await inJournal(folder, (journal) => journal.saveStep(storedStep(1)));
    await inJournal(folder, (journal) => assert.deepEqual(journal.find(storedStep(1)), storedStep(1)));
  });
});

describe('a journal that was damaged', () => {
  it('is refused, the line and its offset are named, whichever byte was flipped', async () => {
    const whole = readFileSync(fileOf(await written()));
    const starts = beginnings(whole);
    const folder = folderWith();
    for (let place = 0; place < whole.length - 1; place++) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (place % 8));
      writeFileSync(fileOf(folder), bytes);
      const { line, offset, message } = await damageOf(folder);
      const expected = starts.findLastIndex((start) => start <= place);
      assert.deepEqual({ line, offset }, { line: expected + 1, offset: starts[expected] });
      assert.match(
        message,
        new RegExp(`journal.ndjson, line ${line}, byte ${offset}: the checksum of the line is wrong`),
      );
    }
  });

  it('is never taken for another one, whatever was flipped, swapped, inserted or left out', async () => {
    const whole = readFileSync(fileOf(await written()));
    const folder = folderWith();
    const place = fc.nat(whole.length - 1);
    const edit = fc.record({ place, remove: fc.nat(8), insert: fc.uint8Array({ maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(edit, async ({ place, remove, insert }) => {
        const bytes = Buffer.concat([whole.subarray(0, place), insert, whole.subarray(place + remove)]);
        writeFileSync(fileOf(folder), bytes);
        const journal = await openJournal(folder).catch((error) => assert.ok(error instanceof JournalError));
        if (!journal) return;
        for (let n = 0; n < STEPS; n++) {
          const found: StoredStep | null = journal.find(storedStep(n));
          if (found) assert.deepEqual(found, storedStep(n));
        }
        await journal.close();
      }),
      { numRuns: 300 },
    );
  });

  it('takes a flipped last newline for a torn line', async () => {
    const folder = await written();
    const bytes = readFileSync(fileOf(folder));
    const [start = 0] = beginnings(bytes).slice(-2);
    bytes[bytes.length - 1] = 11;
    writeFileSync(fileOf(folder), bytes);
    await inJournal(folder, (journal) => {
      assert.equal(journal.torn, bytes.length - start);
      assert.equal(journal.find(storedStep(STEPS - 1)), null);
      assert.notEqual(journal.find(storedStep(STEPS - 2)), null);
    });
  });

  it('is mended by what the hint says: only what the line held is lost', async () => {
    const folder = await written();
    const bytes = readFileSync(fileOf(folder));
    const [, , , start = 0] = beginnings(bytes);
    bytes[start + 60] = 0;
    writeFileSync(fileOf(folder), bytes);
    const { hint } = await damageOf(folder);
    const command = /\((sed .*)\)/.exec(hint)?.[1] ?? '';
    execFileSync('sh', ['-c', command]);
    await inJournal(folder, (journal) => {
      const lost = Array.from({ length: STEPS }, (_, n) => n).filter((n) => !journal.find(storedStep(n)));
      assert.deepEqual(lost, [1]);
    });
  });

  it('loses nothing else when its first line is deleted, and says its version again', async () => {
    const folder = await written();
    const lines = readFileSync(fileOf(folder), 'utf8').split('\n');
    writeFileSync(fileOf(folder), lines.slice(1).join('\n'));
    await inJournal(folder, (journal) => {
      for (let n = 0; n < STEPS; n++) assert.notEqual(journal.find(storedStep(n)), null);
    });
    const versions = readFileSync(fileOf(folder), 'utf8').match(/"journal":1/g);
    assert.equal(versions?.length, 1);
  });

  it('is refused when a later version wrote it', async () => {
    const bytes = Buffer.alloc(100);
    const end = putLine(bytes, 0, FIRST_LINE.replace('"journal":1', '"journal":2'));
    const folder = folderWith({ 'journal.ndjson': bytes.subarray(0, end) });
    const { message } = await damageOf(folder);
    assert.match(message, /journal.ndjson: a later version of this program wrote it/);
  });
});
