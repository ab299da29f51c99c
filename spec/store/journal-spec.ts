import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import type { StoredFlow, StoredStep } from '../../lib/store/contract.js';
import type { Journal } from '../../lib/store/journal.js';
import { markOf } from '../../lib/store/marks.js';
import { folderWith } from '../helpers/folder.js';
import { fileOf, inJournal, written } from '../helpers/journals.js';
import { storedFlow, storedStep } from '../helpers/stored.js';

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

  it('keeps the latest of what has the same identity, over several sessions', async () => {
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
    assert.deepEqual(done, [true, false, true, false, undefined, true]);
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

  it('has one line for each entry, whatever a reader takes for the end of one', async () => {
    const folder = folderWith();
    const text = 'a\u0085b\u2028c\u2029d';
    const step = storedStep(1, { output: text });
    const flow = storedFlow(1, { inputs: { doc: { path: text, sha256: null } }, output: text });
    const save = (journal: Journal) => {
      journal.saveStep(step);
      journal.saveFlow(flow);
      return journal.find(step);
    };
    assert.deepEqual(await inJournal(folder, save), step);
    const written = readFileSync(fileOf(folder), 'utf8');
    assert.doesNotMatch(written, /[\u0085\u2028\u2029]/);
    const lines = () => readFileSync(fileOf(folder), 'utf8').split('"status":"done","mark"').length;
    const before = lines();
    await inJournal(folder, (journal) => journal.saveFlow(flow));
    assert.equal(lines(), before);
  });

  it('finds steps among hundreds of thousands, in any order', async () => {
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
