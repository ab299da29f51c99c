import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { StoredFlow, StoredStep } from '../../lib/store/contract.js';
import { JournalError } from '../../lib/store/errors.js';
import { type Journal, openJournal } from '../../lib/store/journal.js';
import { FIRST_LINE, putLine } from '../../lib/store/line.js';
import { markOf } from '../../lib/store/mark.js';
import { folderWith } from '../helpers/folder.js';
import { storedFlow, storedStep } from '../helpers/stored.js';

const STEPS = 5;

/** A run's folder whose journal has the steps 0 to 4, and the end of flow 0 between them. */
async function written(): Promise<string> {
  const folder = folderWith();
  await inJournal(folder, (journal) => {
    for (let n = 0; n < STEPS; n++) {
      journal.saveStep(storedStep(n));
      if (n === 0) journal.saveFlow(storedFlow(n));
    }
  });
  return folder;
}

async function inJournal<T>(folder: string, use: (journal: Journal) => T): Promise<T> {
  const journal = await openJournal(folder);
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

function fileOf(folder: string): string {
  return join(folder, 'journal.ndjson');
}

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

describe('Journal', () => {
  it('does not keep the end of a flow again that was only replayed, but one that differs', async () => {
    const folder = await written();
    const size = () => statSync(fileOf(folder)).size;
    const before = size();
    await inJournal(folder, (journal) => journal.saveFlow(storedFlow(0, { ms: 1, index: 3 })));
    assert.equal(size(), before);
    await inJournal(folder, (journal) => journal.saveFlow(storedFlow(0, { status: 'failed' })));
    assert.ok(size() > before);
  });

  it('finds what it was given, at once, after a flush, and when it is opened again', async () => {
    const folder = folderWith();
    await inJournal(folder, async (journal) => {
      assert.equal(journal.find(storedStep(1)), null);
      journal.saveStep(storedStep(1));
      assert.deepEqual(journal.find(storedStep(1)), storedStep(1));
      await journal.flushed();
      assert.deepEqual(journal.find(storedStep(1)), storedStep(1));
      journal.saveStep(storedStep(2));
      assert.deepEqual(journal.find(storedStep(2)), storedStep(2));
    });
    await inJournal(folder, (journal) => {
      assert.deepEqual(journal.find(storedStep(1)), storedStep(1));
      assert.deepEqual(journal.find(storedStep(2)), storedStep(2));
      assert.equal(journal.find(storedStep(3)), null);
    });
  });

  it('finds what was only for later when it is opened again', async () => {
    const folder = folderWith();
    await inJournal(folder, (journal) => journal.saveStep(storedStep(1), true));
    await inJournal(folder, (journal) => assert.deepEqual(journal.find(storedStep(1)), storedStep(1)));
  });

  it('finds only what agrees in all of flow, branch, occurrence and key', async () => {
    const kept = storedStep(1, { branch: [1, 2], occurrence: 3 });
    await inJournal(folderWith(), (journal) => {
      journal.saveStep(kept);
      const others: Partial<StoredStep>[] = [
        { flow: storedStep(2).flow },
        { branch: [1] },
        { branch: [12] },
        { branch: [] },
        { occurrence: 0 },
        { key: storedStep(2).key },
      ];
      for (const other of others) assert.equal(journal.find({ ...kept, ...other }), null);
      assert.deepEqual(journal.find(kept), kept);
    });
  });

  it('keeps the latest of what has the same identity, over several sittings', async () => {
    const folder = folderWith();
    for (const output of ['first', 'second', 'third']) {
      await inJournal(folder, (journal) => {
        journal.saveStep(storedStep(1, { output: `not yet ${output}` }));
        journal.saveStep(storedStep(1, { output }));
        assert.equal(journal.find(storedStep(1))?.output, output);
      });
    }
    await inJournal(folder, (journal) => assert.equal(journal.find(storedStep(1))?.output, 'third'));
  });

  it('keeps any output to the letter: lone surrogates, lists, long ones', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constant('\ud800'),
    );
    const long = fc
      .tuple(text, fc.constantFrom(1, 40_000, 70_000))
      .map(([text, times]) => `${text}ä`.repeat(times));
    const output = fc.oneof(
      text,
      fc.array(text),
      long.map((text) => text.slice(0, 200_000)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(output, { maxLength: 5 }), async (outputs) => {
        const folder = folderWith();
        const steps = outputs.map((output, n) => storedStep(n, { output }));
        const check = (journal: Journal) => {
          for (const step of steps) assert.deepEqual(journal.find(step), step);
        };
        await inJournal(folder, (journal) => {
          for (const step of steps) journal.saveStep(step);
          check(journal);
        });
        await inJournal(folder, check);
      }),
      { numRuns: 50 },
    );
  });

  it('knows by their marks which flows were done when it was opened, by their last ends', async () => {
    const folder = folderWith();
    await inJournal(folder, (journal) => {
      const end = (n: number, status: StoredFlow['status']) => journal.saveFlow(storedFlow(n, { status }));
      end(0, 'done');
      end(1, 'failed');
      end(2, 'failed');
      end(2, 'done');
      end(3, 'done');
      end(3, 'cancelled');
      end(5, 'dropped');
      assert.equal(journal.wasDone, undefined);
    });
    const done = await inJournal(folder, ({ wasDone }) =>
      [0, 1, 2, 3, 4, 5].map((n) => wasDone?.(markOf(Object.entries(storedFlow(n).inputs)))),
    );
    assert.deepEqual(done, [true, false, true, false, false, true]);
  });

  it('is NDJSON, for its owner only', async () => {
    const folder = await written();
    const lines = readFileSync(fileOf(folder), 'utf8').split('\n').slice(0, -1);
    const [first, step, flow] = lines.map((line) => JSON.parse(line));
    assert.equal(first.journal, 1);
    const { flow: id, key, occurrence, ...rest } = storedStep(0);
    assert.deepEqual(step, { sum: step.sum, key, n: occurrence, flow: id, ...rest });
    const mark = markOf(Object.entries(storedFlow(0).inputs));
    assert.deepEqual(flow, { sum: flow.sum, mark, ...storedFlow(0), steps: [key] });
    assert.equal(statSync(fileOf(folder)).mode & 0o777, 0o600);
  });

  it('finds steps among hundreds of thousands, in any order', async function () {
    this.timeout(60_000);
    const count = 200_000;
    const folder = folderWith();
    await inJournal(folder, async (journal) => {
      for (let n = 0; n < count; n++) {
        journal.saveStep(storedStep(n));
        if (n % 1000 === 0) await journal.ready();
      }
    });
    await inJournal(folder, (journal) => {
      for (let n = 0; n < count; n++) {
        const place = (n * 7919) % count;
        assert.equal(journal.find(storedStep(place))?.output, `output ${place}`);
      }
    });
  });
});

describe('a journal that was torn', () => {
  it('opens, loses the torn line alone, says so, and goes on, wherever in its last three lines it was cut', async function () {
    this.timeout(120_000);
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
        new RegExp(`journal.ndjson, line ${line}, byte ${offset}: the line isn't what was written`),
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

  it('is refused when a later version wrote it', async () => {
    const bytes = Buffer.alloc(100);
    const end = putLine(bytes, 0, FIRST_LINE.replace('"journal":1', '"journal":2'));
    const folder = folderWith({ 'journal.ndjson': bytes.subarray(0, end) });
    const { message } = await damageOf(folder);
    assert.match(message, /journal.ndjson: a later version of this program wrote it/);
  });
});

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
