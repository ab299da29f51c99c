import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowError } from '../../lib/flow/flow.js';
import type { Store } from '../../lib/store/contract.js';
import { countEnds, type EndedFlow, endedFlows } from '../../lib/store/ended-flows.js';
import { createRun, openRun } from '../../lib/store/run-store.js';
import { folderWith } from '../helpers/folder.js';
import { inView } from '../helpers/journals.js';
import { stepRecord, storedFlow, storedStep } from '../helpers/stored.js';

const error: FlowError = { step: 'draft', type: 'function', kind: 'server', message: 'no', attempts: 1 };

/** The folder of a run in which these sessions took place. */
async function run(...sessions: readonly ((store: Store) => void)[]): Promise<string> {
  const first = await createRun(folderWith(), {});
  await first.close({});
  for (const sit of sessions) {
    const store = await openRun(first.folder, {});
    sit(store);
    await store.close({});
  }
  return first.folder;
}

async function endsIn(folder: string): Promise<EndedFlow[]> {
  return inView(folder, (view) => [...endedFlows(view)]);
}

/** What `storedFlow(n)` with its one step comes back as. */
function ended(n: number): EndedFlow {
  const { output, ...step } = storedStep(n);
  return { ...storedFlow(n), steps: [step], output: String(output) };
}

describe('endedFlows', () => {
  it('has all that a record needs, in the order of the ends', async () => {
    const folder = await run((store) => {
      store.saveStep(storedStep(1));
      store.saveStep(storedStep(2));
      store.saveFlow(storedFlow(2));
      store.saveFlow(storedFlow(1));
    });
    assert.deepEqual(await endsIn(folder), [ended(2), ended(1)]);
  });

  it('has the records of steps that are not kept, and an output that no step has put out', async () => {
    const broken = { ...stepRecord, status: 'failed' as const };
    const failed = storedFlow(1, { status: 'failed', steps: [storedStep(1), broken], error, output: null });
    const changed = storedFlow(2, { output: 'changed' });
    const long = storedFlow(3, { steps: [stepRecord], output: 'x'.repeat(70_000) });
    const folder = await run((store) => {
      for (const n of [1, 2]) store.saveStep(storedStep(n));
      for (const flow of [failed, changed, long]) store.saveFlow(flow);
    });
    assert.deepEqual(await endsIn(folder), [
      { ...ended(1), status: 'failed', steps: [...ended(1).steps, { record: broken }], error, output: null },
      { ...ended(2), output: 'changed' },
      { ...ended(3), steps: [{ record: stepRecord }], output: 'x'.repeat(70_000) },
    ]);
  });

  it('gives each branch its element, or what a step in another branch has put out', async () => {
    const list = storedStep(1, { output: ['a', 'b'] });
    const later = storedStep(1, { branch: [1], occurrence: 2, output: 'later' });
    const other = storedStep(1, { branch: [0, 3], key: storedStep(7).key, output: 'other' });
    const folder = await run((store) => {
      for (const step of [list, later, other]) store.saveStep(step);
      store.saveFlow(storedFlow(1, { branch: [0], steps: [list] }));
      store.saveFlow(storedFlow(1, { branch: [1], steps: [list, later] }));
      store.saveFlow(storedFlow(1, { branch: [2], steps: [list, later, other] }));
    });
    const ends = await endsIn(folder);
    assert.deepEqual(
      ends.map(({ branch, output, steps }) => [branch, output, steps.length]),
      [
        [[0], 'a', 1],
        [[1], 'later', 2],
        [[2], 'other', 3],
      ],
    );
  });

  it('has the last end of each flow and branch', async () => {
    const failed = storedFlow(1, { status: 'failed', steps: [], error, output: null });
    const folder = await run(
      (store) => {
        store.saveFlow(failed);
        store.saveStep(storedStep(2));
        store.saveFlow(storedFlow(2));
      },
      (store) => {
        store.saveStep(storedStep(1));
        store.saveFlow({ ...failed, index: 5 });
        store.saveFlow(storedFlow(1));
      },
    );
    assert.deepEqual(await endsIn(folder), [ended(2), ended(1)]);
    assert.deepEqual(await countEnds(folder), { done: 2, failed: 0, cancelled: 0, dropped: 0 });
  });

  it('leaves out flows of which something was deleted', async () => {
    const folder = await run((store) => {
      for (const n of [1, 2]) store.saveStep(storedStep(n));
      store.saveStep(storedStep(3, { output: 'x'.repeat(70_000) }));
      store.saveFlow(storedFlow(1));
      store.saveFlow(storedFlow(2, { steps: [storedStep(2), storedStep(9)] }));
      store.saveFlow(storedFlow(3));
    });
    for (const name of readdirSync(join(folder, 'outputs'))) rmSync(join(folder, 'outputs', name));
    assert.deepEqual(await endsIn(folder), [ended(1)]);
  });

  it('reads a run that is live', async () => {
    const store = await createRun(folderWith(), {});
    assert.deepEqual(await endsIn(store.folder), []);
    store.saveStep(storedStep(1));
    store.saveFlow(storedFlow(1));
    await store.flushed();
    assert.deepEqual(await endsIn(store.folder), [ended(1)]);
    await store.close({});
  });

  it('says so where there is no journal', async () => {
    const folder = folderWith();
    await assert.rejects(endsIn(folder), {
      name: 'ConfigError',
      message: `${folder} has no journal: the run broke off before anything was kept`,
    });
  });
});

describe('countEnds', () => {
  it('counts each flow or branch once, by its last end', async () => {
    const folder = await run((store) => {
      for (const [n, status] of (
        ['done', 'failed', 'dropped', 'cancelled', 'cancelled'] as const
      ).entries()) {
        store.saveFlow(storedFlow(n, { status, steps: [], output: null }));
      }
      store.saveFlow(storedFlow(4, { status: 'failed', steps: [], output: null }));
      store.saveFlow(storedFlow(4, { branch: [1], status: 'failed', steps: [], output: null }));
    });
    assert.deepEqual(await countEnds(folder), { done: 1, failed: 3, cancelled: 1, dropped: 1 });
  });
});
