import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';
import { recordsIn } from '../../../lib/cli/runs/saved-records.js';
import type { Flow } from '../../../lib/flow/flow.js';
import type { ResultRecord } from '../../../lib/flow/record.js';
import { run } from '../../../lib/run.js';
import type { RunOptions } from '../../../lib/run-options.js';
import { operator, step } from '../../../lib/step/step.js';
import { createRun, openRun } from '../../../lib/store/run-store.js';
import { folderWith } from '../../helpers/folder.js';

const NO_KEY = { key: null, problem: null };

const sh = (name: string, line: string, ...args: string[]) => ({
  type: 'cmd',
  name,
  cmd: ['sh', '-c', line, 'sh', ...args],
});

/** A run with its sessions, in a folder with two files. */
function sessions() {
  const folder = folderWith({ 'a.md': 'A', 'b.md': 'B' });
  const docs = [join(folder, 'a.md'), join(folder, 'b.md')];
  let kept = '';
  return {
    folder,
    docs,
    get run() {
      return kept;
    },
    async sit(options: RunOptions): Promise<ResultRecord[]> {
      const info = { bases: { doc: folder } };
      const store = async () => {
        const store = kept ? await openRun(kept, info) : await createRun(folder, info);
        kept = store.folder;
        return store;
      };
      const all = {
        keys: { doc: docs },
        workdir: folder,
        generated: join(folder, 'generated'),
        store,
        allowUnusedKey: true,
        ...options,
      };
      return lastValueFrom(run(all).results$.pipe(toArray()));
    },
    records: () => recordsOf(kept),
  };
}

async function recordsOf(run: string): Promise<ResultRecord[]> {
  const records: ResultRecord[] = [];
  for await (const { record } of recordsIn(run, NO_KEY, () => {})) records.push(record);
  return records;
}

/** What a replay changes, left out; in one order. */
function timeless(records: readonly ResultRecord[]): unknown[] {
  const told = records.map(({ steps, ms: _, ...record }) => ({
    ...record,
    steps: steps.map(({ replayed: _, ...step }) => step),
  }));
  return told.map((record) => JSON.stringify(record)).sort();
}

describe('recordsIn', () => {
  it('has the records as they were, field by field', async () => {
    const { sit, records } = sessions();
    const steps = [sh('draft', 'cat "$1"', '{{{doc.path}}}'), sh('bad', 'test $(cat) = A && echo ok')];
    const first = await sit({ steps });
    assert.deepEqual(
      (await records()).map((record) => JSON.stringify(record)),
      first.map((record) => JSON.stringify(record)),
    );
  });

  it('has branches, those that an operator made, and flows that were dropped', async () => {
    const { sit, records } = sessions();
    const twice = operator(
      'twice',
      mergeMap((flow: Flow) => from(flow.inputs.doc?.path?.endsWith('a.md') ? [flow, flow] : [])),
    );
    const steps = [
      { ...sh('list', 'echo "[1, 2]"'), array: true },
      twice,
      step('last', ({ output }) => `${output}!`),
    ];
    const first = await sit({ steps });
    assert.deepEqual(first.length, 5);
    assert.deepEqual(timeless(await records()), timeless(first));
    const again = await sit({ steps });
    assert.deepEqual(timeless(await records()), timeless(again));
  });

  const edits: Readonly<
    Record<
      string,
      [first: RunOptions['steps'], second: RunOptions['steps'], change?: (folder: string) => void]
    >
  > = {
    'a changed file': [
      [sh('a', 'cat "$1"', '{{{doc.path}}}')],
      [],
      (folder) => appendFileSync(join(folder, 'a.md'), '!'),
    ],
    'a list that became shorter': [
      [{ ...sh('list', 'echo "[1, 2, 3]"'), array: true }, sh('b', 'cat')],
      [{ ...sh('list', 'echo "[1]"'), array: true }, sh('b', 'cat')],
    ],
    'a list that became empty': [
      [{ ...sh('list', 'echo "[1, 2, 3]"'), array: true }],
      [{ ...sh('list', 'echo "[]"'), array: true }],
    ],
    'a list that had been empty': [
      [{ ...sh('list', 'echo "[]"'), array: true }],
      [{ ...sh('list', 'echo "[1, 2]"'), array: true }],
    ],
    'a list that had failed': [
      [{ ...sh('list', 'cat list.json'), array: true }, sh('b', 'cat')],
      [],
      (folder) => writeFileSync(join(folder, 'list.json'), '[1, 2]'),
    ],
    'a list where there was none': [
      [sh('a', 'echo "[1, 2]"')],
      [{ ...sh('a', 'echo "[1, 2]"'), array: true }, sh('b', 'cat')],
    ],
    'no list where there was one': [
      [{ ...sh('a', 'echo "[1, 2]"'), array: true }, sh('b', 'cat')],
      [sh('a', 'echo "[1, 2]"')],
    ],
  };
  for (const [title, [first, second, change]] of Object.entries(edits)) {
    it(`has what the last session had after ${title}`, async () => {
      const { folder, sit, records } = sessions();
      await sit({ steps: first });
      change?.(folder);
      const last = await sit({ steps: second.length > 0 ? second : first });
      assert.deepEqual(timeless(await records()), timeless(last));
    });
  }

  it('leaves out a file that is listed no more, unless the last session was interrupted', async () => {
    const { docs, sit, records } = sessions();
    const steps = [sh('a', 'cat "$1"', '{{{doc.path}}}')];
    await sit({ steps });
    const keys = { doc: docs.slice(0, 1) };
    const drain = AbortSignal.abort();
    await sit({ steps, keys, drain });
    assert.equal((await records()).length, 2);
    await sit({ steps, keys });
    assert.equal((await records()).length, 1);
  });

  it('has one record of a file that has changed, whatever ended the last session: of what is in it now', async () => {
    const { folder, docs, run: _, ...there } = sessions();
    const steps = [sh('a', 'cat "$1"', '{{{doc.path}}}')];
    const write = (text: string) => writeFileSync(join(folder, 'a.md'), text);
    const outputs = async () => {
      const outputs: [string | null, number][] = [];
      for await (const { record, changed } of recordsIn(join(folder, kept()), NO_KEY, () => {}))
        outputs.push([record.output, changed.length]);
      return outputs.sort();
    };
    const kept = () => readdirSync(folder).find((name) => name.startsWith('run_')) ?? '';
    await there.sit({ steps });
    write('A2');
    assert.deepEqual(await outputs(), [
      ['A', 1],
      ['B', 0],
    ]);
    // The first one of them has failed before the others: so the session isn't complete.
    await there.sit({
      steps: [...steps, sh('b', 'cat; exit 1')],
      maxFailures: 1,
      parallel: 1,
      keys: { doc: docs.slice(0, 1) },
    });
    assert.deepEqual(await outputs(), [
      [null, 0],
      ['B', 0],
    ]);
    write('A');
    assert.deepEqual(await outputs(), [
      ['A', 0],
      ['B', 0],
    ]);
    write('A3');
    assert.deepEqual(await outputs(), [
      [null, 1],
      ['B', 0],
    ]);
  });

  it('has them without a run.json', async () => {
    const sat = sessions();
    await sat.sit({ steps: [sh('a', 'echo')] });
    renameSync(join(sat.run, 'run.json'), join(sat.run, 'other.json'));
    assert.equal((await sat.records()).length, 2);
    writeFileSync(join(sat.run, 'run.json'), '{');
    assert.equal((await sat.records()).length, 2);
  });
});
