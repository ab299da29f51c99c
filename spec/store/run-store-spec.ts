import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { WriteFailure } from '../../lib/errors.js';
import { endedFlows } from '../../lib/store/ended-flows.js';
import { LockError } from '../../lib/store/lock.js';
import { readRunFile } from '../../lib/store/run-file.js';
import { createRun, openRun, type RunStore } from '../../lib/store/run-store.js';
import { folderWith } from '../helpers/folder.js';
import { inView } from '../helpers/journals.js';
import { smallDisk } from '../helpers/small-disk.js';
import { storedFlow, storedStep } from '../helpers/stored.js';

describe('createRun', () => {
  it('makes a folder for its owner only, that says what the run is and how it ended', async () => {
    const generated = join(folderWith(), 'a', 'generated');
    const store = await createRun(generated, { config: ['x'] });
    assert.match(store.folder, /generated\/run_\d{8}-\d{6}-[0-9a-z]{4}$/);
    assert.equal(store.folder, join(generated, `run_${store.id}`));
    assert.deepEqual([store.torn, store.takenFrom], [0, null]);
    assert.deepEqual(await readRunFile(store.folder), {
      isSigned: false,
      info: { config: ['x'] },
      end: null,
    });
    await store.close({ how: 'completed' });
    assert.deepEqual(await readRunFile(store.folder), {
      isSigned: false,
      info: { config: ['x'] },
      end: { how: 'completed' },
    });
    assert.deepEqual(readdirSync(store.folder), ['journal.ndjson', 'run.json']);
    for (const folder of [generated, store.folder]) assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(store.folder, 'run.json')).mode & 0o777, 0o600);
  });

  it('gives runs of the same moment folders of their own', async () => {
    const generated = folderWith();
    const stores = await Promise.all(Array.from({ length: 20 }, () => createRun(generated, {})));
    assert.equal(new Set(stores.map(({ id }) => id)).size, 20);
    await Promise.all(stores.map((store) => store.close({})));
  });
});

describe('openRun', () => {
  it('resumes with the stored results; run.json has the new facts', async () => {
    const { folder, ...first } = await createRun(folderWith(), { config: 1 });
    first.saveStep(storedStep(1));
    await first.close({ how: 'interrupted' });
    const second = await openRun(folder, { config: 2 });
    assert.deepEqual(second.find(storedStep(1)), storedStep(1));
    assert.deepEqual(await readRunFile(folder), { isSigned: false, info: { config: 2 }, end: null });
    second.saveStep(storedStep(2));
    await second.close({ how: 'completed' });
    const third = await openRun(folder, { config: 2 });
    assert.deepEqual(third.find(storedStep(2)), storedStep(2));
    await third.close({});
  });

  it('leaves the run as it was where the journal is damaged', async () => {
    const { folder, close } = await createRun(folderWith(), { config: 1 });
    await close({ how: 'completed' });
    const journal = join(folder, 'journal.ndjson');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('journal', 'jornual'));
    await assert.rejects(openRun(folder, { config: 2 }), /line 1, byte 0/);
    assert.deepEqual(await readRunFile(folder), {
      isSigned: false,
      info: { config: 1 },
      end: { how: 'completed' },
    });
    assert.equal(existsSync(join(folder, 'lock')), false);
  });
});

/** Another process that has opened the run, or was refused. */
async function otherProcess(folder: string) {
  const fixture = join(import.meta.dirname, '../fixtures/hold-run.ts');
  const child = spawn(process.execPath, ['--import', 'tsx/esm', fixture, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const said = async (): Promise<string> => (await lines.next()).value;
  const first: { pid: number; takenFrom?: number | null; refused?: string } = JSON.parse(await said());
  return {
    ...first,
    /** Has it save ten steps, and waits until it has flushed them. */
    async save(n: number) {
      child.stdin.write(`${n}\n`);
      assert.equal(await said(), `${n}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('a run in another process', () => {
  it('is refused while that lives; after a kill it is taken over, and has all that was flushed', async () => {
    const { folder, close } = await createRun(folderWith(), {});
    await close({});
    const other = await otherProcess(folder);
    await assert.rejects(
      openRun(folder, {}),
      (error) =>
        error instanceof LockError && error.holder?.pid === other.pid && /is in use/.test(error.message),
    );
    for (let n = 0; n < 20; n++) await other.save(n);
    await other.kill();

    const store = await openRun(folder, {});
    assert.equal(store.takenFrom?.pid, other.pid);
    for (let n = 0; n < 200; n++) assert.deepEqual(store.find(storedStep(n)), storedStep(n));
    const refused = await otherProcess(folder);
    assert.match(refused.refused ?? '', new RegExp(`process ${process.pid} on .* has had it since`));
    await store.close({});
  });

  it('left behind, is had by exactly one of several that take it over', async () => {
    const { folder, close } = await createRun(folderWith(), {});
    await close({});
    const dead = await otherProcess(folder);
    await dead.kill();
    const others = await Promise.all([1, 2, 3, 4].map(() => otherProcess(folder)));
    const [winner, ...more] = others.filter(({ refused }) => refused === undefined);
    assert.equal(more.length, 0);
    assert.equal(winner?.takenFrom, dead.pid);
    await winner?.kill();
  });
});

describe('a disk', () => {
  /** Saves flows until it fails, every fifth output being so long; how many were flushed. */
  async function fill(store: RunStore, longest: number): Promise<number> {
    let failed = false;
    let flushed = 0;
    store.failed.catch(() => {
      failed = true;
    });
    for (let n = 0; !failed; n++) {
      store.saveStep(storedStep(n, { output: `${n}`.repeat(n % 5 === 1 ? longest : 100) }));
      store.saveFlow(storedFlow(n));
      if (n % 5 === 4)
        await store.flushed().then(
          () => (flushed = n + 1),
          () => {},
        );
    }
    return flushed;
  }

  async function flowsOf(folder: string): Promise<number> {
    const flows = await inView(folder, (view) => [...endedFlows(view)]);
    for (const { index, output } of flows) assert.match(output ?? '', new RegExp(`^(${index})+$`));
    return flows.length;
  }

  for (const [filledBy, longest] of [
    ['lines', 100],
    ['big outputs', 70_000],
  ] as const) {
    it(`that is filled by ${filledBy}: all that was flushed is there, whole, and with room it goes on`, async function () {
      using disk = smallDisk(this, '1m');
      const store = await createRun(disk.folder, {});
      const flushed = await fill(store, longest);
      await assert.rejects(store.failed, (error) => error instanceof WriteFailure && error.code === 'ENOSPC');
      await assert.rejects(store.flushed(), WriteFailure);
      store.saveStep(storedStep(-1));
      assert.equal(store.find(storedStep(-1)), null);
      await assert.rejects(store.close({}), WriteFailure);
      assert.equal(existsSync(join(store.folder, 'lock')), false);

      const journal = readFileSync(join(store.folder, 'journal.ndjson'), 'utf8');
      for (const [, name = ''] of journal.matchAll(/"outputFile":"(\w+)"/g)) {
        assert.ok(existsSync(join(store.folder, 'outputs', name)), 'a line came before its output');
      }
      assert.ok(flushed > 5);
      assert.ok((await flowsOf(store.folder)) >= flushed);
      disk.change('size=5m');
      const again = await openRun(store.folder, {});
      assert.equal(again.torn, 0);
      for (let n = 0; n < flushed; n++) assert.notEqual(again.find(storedStep(n)), null);
      again.saveFlow(storedFlow(1_000_000, { steps: [], output: '1000000' }));
      await again.close({});
      assert.ok((await flowsOf(store.folder)) > flushed);
    });
  }

  it('that can only be read: what is kept can be read, and why nothing is written is told', async function () {
    using disk = smallDisk(this, '1m');
    const store = await createRun(disk.folder, {});
    store.saveStep(storedStep(1, { output: '1' }));
    store.saveFlow(storedFlow(1));
    await store.close({});
    disk.change('ro');
    assert.equal(await flowsOf(store.folder), 1);
    for (const opening of [() => openRun(store.folder, {}), () => createRun(dirname(store.folder), {})]) {
      await assert.rejects(opening(), (error) => error instanceof WriteFailure && error.code === 'EROFS');
    }
  });
});
