import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { JournalError } from '../../lib/store/errors.js';
import { journalIn } from '../../lib/store/journal-file.js';
import { LINE_BEGIN, putLine } from '../../lib/store/line.js';
import { createRun, openRun } from '../../lib/store/run-store.js';
import { spentIn } from '../../lib/store/spent.js';
import { folderWith } from '../helpers/folder.js';
import { storedStep } from '../helpers/stored.js';

const end = { how: 'completed' };

describe('spentIn', () => {
  it('is nothing for a run without calls, or without a journal', async () => {
    const store = await createRun(folderWith(), {});
    await store.close(end);
    const nothing = { tokens: 0, costUsd: 0, unknown: 0 };
    assert.deepEqual(await spentIn(store.folder), nothing);
    assert.deepEqual(await spentIn(folderWith()), nothing);
  });

  it('adds up the calls of all sessions, to the last fraction of a cent', async () => {
    const store = await createRun(folderWith(), {});
    store.saveCall?.({ call: [1, 0], tokens: 10, costUsd: 0.1 });
    store.saveCall?.({ call: [1, 1], tokens: 5, costUsd: null });
    await store.close(end);
    const again = await openRun(store.folder, {});
    again.saveCall?.({ call: [2, 0], tokens: 20, costUsd: 0.2 });
    again.saveCall?.({ call: [2, 1], tokens: 1, costUsd: 5.7e-5 });
    await again.flushed();
    const spent = { tokens: 36, costUsd: 0.300057, unknown: 1 };
    assert.deepEqual(await spentIn(store.folder), spent);
    assert.deepEqual(await again.spent?.(), spent);
    await again.close(end);
  });

  it('adds what was used for steps, which their own lines say', async () => {
    const store = await createRun(folderWith(), {});
    store.saveCall?.({ call: [1, 0], tokens: 1, costUsd: 0.5 });
    store.saveStep(storedStep(1, { used: { tokens: 120, costUsd: 0.1 } }), true);
    store.saveStep(storedStep(2, { used: { tokens: 10, costUsd: 1.5e-7 } }), true);
    store.saveStep(storedStep(3, { used: { tokens: 9_007_199_254_740_991, costUsd: null } }), true);
    store.saveStep(storedStep(4, { output: '","used":[1,1],"' }), true);
    await store.close(end);
    const spent = { tokens: 131 + Number.MAX_SAFE_INTEGER, costUsd: 0.60000015, unknown: 1 };
    assert.deepEqual(await spentIn(store.folder), spent);
    const again = await openRun(store.folder, {});
    assert.deepEqual(again.find(storedStep(1)), storedStep(1));
    await again.close(end);
  });

  it('keeps what the stand-in answered apart', async () => {
    const store = await createRun(folderWith(), {});
    store.saveCall?.({ call: [1, 0], tokens: 10, costUsd: 0.1 });
    store.saveCall?.({ call: [1, 1], tokens: 20, costUsd: 0.2, simulated: true });
    store.saveCall?.({ call: [1, 2], tokens: 3, costUsd: 0.03, simulated: true, open: true });
    store.saveStep(storedStep(1, { used: { tokens: 120, costUsd: null, simulated: true } }), true);
    store.saveStep(storedStep(2, { used: { tokens: 5, costUsd: 0.5 } }), true);
    await store.close(end);
    assert.deepEqual(await spentIn(store.folder), {
      tokens: 15,
      costUsd: 0.6,
      unknown: 0,
      simulated: { tokens: 143, costUsd: 0.23, unknown: 1 },
    });
  });

  it('counts a call that has begun as expected, until its end is known', async () => {
    const store = await createRun(folderWith(), {});
    store.saveCall?.({ call: [1, 0], tokens: 100, costUsd: 1, open: true });
    store.saveCall?.({ call: [1, 1], tokens: 100, costUsd: 1, open: true });
    store.saveCall?.({ call: [1, 0], tokens: 7, costUsd: 0.25 });
    await store.close(end);
    assert.deepEqual(await spentIn(store.folder), { tokens: 107, costUsd: 1.25, unknown: 0 });
  });

  it('counts a line that stands there twice once', async () => {
    const store = await createRun(folderWith(), {});
    store.saveStep(storedStep(1, { used: { tokens: 120, costUsd: 0.1 } }), true);
    store.saveStep(storedStep(2, { used: { tokens: 120, costUsd: 0.1 } }), true);
    store.saveCall?.({ call: [1, 0], tokens: 7, costUsd: 0.25 });
    await store.close(end);
    const spent = { tokens: 247, costUsd: 0.45, unknown: 0 };
    assert.deepEqual(await spentIn(store.folder), spent);
    const lines = readFileSync(journalIn(store.folder), 'utf8');
    appendFileSync(journalIn(store.folder), lines);
    assert.deepEqual(await spentIn(store.folder), spent);
  });

  it('takes numbers that JSON does not have for unknown', async () => {
    const store = await createRun(folderWith(), {});
    const infinite = { tokens: Number.POSITIVE_INFINITY, costUsd: Number.NaN };
    store.saveCall?.({ call: [1, 0], ...infinite });
    store.saveStep(storedStep(1, { used: infinite }), true);
    await store.close(end);
    assert.deepEqual(await spentIn(store.folder), { tokens: 0, costUsd: 0, unknown: 2 });
  });

  it("names a line of an earlier version that isn't JSON", async () => {
    const store = await createRun(folderWith(), {});
    await store.close(end);
    const bytes = Buffer.alloc(100);
    const length = putLine(bytes, 0, `${LINE_BEGIN}"call":[1,0],"tokens":Infinity,"costUsd":null}\n`);
    appendFileSync(journalIn(store.folder), bytes.subarray(0, length));
    await assert.rejects(
      spentIn(store.folder),
      (error) => error instanceof JournalError && /^Delete/.test(error.hint),
    );
  });

  it('refuses a journal that is damaged', async () => {
    const store = await createRun(folderWith(), {});
    store.saveCall?.({ call: [1, 0], tokens: 100, costUsd: 1 });
    await store.close(end);
    appendFileSync(journalIn(store.folder), '{"sum":"00000000","call":[1,1],"tokens":1,"costUsd":0}\n');
    await assert.rejects(spentIn(store.folder), /the checksum of the line is wrong/);
  });
});
