import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UntrustedRun } from '../../lib/store/errors.js';
import { viewJournal } from '../../lib/store/journal-view.js';
import { readRunFile, writeRunFile } from '../../lib/store/run-file.js';
import { createRun, openRun, type RunStore } from '../../lib/store/run-store.js';
import { Signer } from '../../lib/store/signer.js';
import { folderWith } from '../helpers/folder.js';
import { fileOf } from '../helpers/journals.js';
import { smallDisk } from '../helpers/small-disk.js';
import { storedStep } from '../helpers/stored.js';

const key = randomBytes(32);
const STEPS = 6;

/** A run with the steps 0 to 5, each pair of which was written at once. */
async function written(own: Buffer | null = key): Promise<string> {
  const store = await createRun(folderWith(), {}, { key: own });
  for (let n = 0; n < STEPS; n++) {
    store.saveStep(storedStep(n), true);
    if (n % 2 === 1) store.write();
  }
  await store.close({});
  return store.folder;
}

function linesOf(folder: string): string[] {
  return readFileSync(fileOf(folder), 'utf8').split('\n').slice(0, -1);
}

function write(folder: string, lines: readonly string[]): void {
  writeFileSync(fileOf(folder), lines.map((line) => `${line}\n`).join(''));
}

function stepsIn(store: RunStore): number[] {
  return Array.from({ length: STEPS }, (_, n) => n).filter((n) => store.find(storedStep(n)) !== null);
}

/** The steps that a resume finds. */
async function resumed(folder: string, vouched = false): Promise<number[]> {
  const store = await openRun(folder, {}, { key, vouched });
  const steps = stepsIn(store);
  await store.close({});
  return steps;
}

const ALL = [0, 1, 2, 3, 4, 5];

describe('a signed run', () => {
  it('is resumed by its owner, over several sessions', async () => {
    const folder = await written();
    assert.deepEqual(await resumed(folder), ALL);
    const store = await openRun(folder, {}, { key });
    store.saveStep(storedStep(9));
    await store.close({});
    assert.deepEqual(await resumed(folder), ALL);
    assert.equal((await readRunFile(folder, new Signer(key, folder)))?.isSigned, true);
  });

  it('is signed where its lines are many more than are read at once', async function () {
    this.timeout(120_000);
    const store = await createRun(folderWith(), {}, { key });
    const output = 'x'.repeat(60_000);
    for (let n = 0; n < 200; n++) store.saveStep(storedStep(n, { output }), true);
    await store.close({});
    assert.ok(statSync(fileOf(store.folder)).size > 2 ** 23);
    assert.deepEqual(await resumed(store.folder), ALL);
  });

  const forgeries: readonly [string, (lines: string[]) => string[]][] = [
    ['a line that was added', (lines) => lines.toSpliced(placeOf(3, lines), 0, made(9))],
    ['a line that was changed', (lines) => lines.with(placeOf(3, lines), made(0))],
    ['a line that was deleted', (lines) => lines.toSpliced(placeOf(3, lines), 1)],
    ['two lines that were swapped', (lines) => swapped(lines, placeOf(2, lines), placeOf(3, lines))],
    ['lines of an earlier write once more', (lines) => lines.toSpliced(-1, 0, ...lines.slice(0, 3))],
    ['no MAC at all', (lines) => lines.filter((line) => !line.includes('"mac"'))],
  ];
  for (const [what, forge] of forgeries) {
    it(`is not resumed when it has ${what}, unless the user trusts it`, async () => {
      const folder = await written();
      write(folder, forge(linesOf(folder)));
      await assert.rejects(resumed(folder), UntrustedRun);
      const view = await viewJournal(folder, new Signer(key, folder));
      await view.close();
      assert.equal(view.isSigned, false);
      const steps = await resumed(folder, true);
      assert.ok(steps.length >= STEPS - 1);
      assert.deepEqual(await resumed(folder), steps);
    });
  }

  it('never shows or uses lines that were added after its last MAC: a resume cuts them off', async () => {
    const folder = await written();
    appendFileSync(fileOf(folder), `${made(9)}\n`);
    const view = await viewJournal(folder, new Signer(key, folder));
    await view.close();
    assert.deepEqual([view.isSigned, view.find(storedStep(9))], [true, null]);
    const store = await openRun(folder, {}, { key });
    assert.ok(store.torn > 0);
    assert.equal(store.find(storedStep(9)), null);
    assert.deepEqual(stepsIn(store), ALL);
    await store.close({});
    assert.deepEqual(await resumed(folder), ALL);
  });

  it('loses only the last write, wherever in it the journal was cut', async function () {
    this.timeout(120_000);
    const folder = await written();
    const whole = readFileSync(fileOf(folder));
    const lastMac = whole.lastIndexOf('"mac"');
    const start = whole.indexOf('\n', whole.lastIndexOf('"mac"', lastMac - 1)) + 1;
    const before = whole.toString('utf8', 0, start);
    const earlier = ALL.filter((n) => before.includes(made(n).slice(AFTER_SUM)));
    for (let cut = start + 1; cut < whole.length; cut += 7) {
      writeFileSync(fileOf(folder), whole.subarray(0, cut));
      const store = await openRun(folder, {}, { key });
      assert.equal(store.torn, cut - start);
      assert.deepEqual(stepsIn(store), earlier);
      await store.close({});
    }
  });

  it('keeps what was whole of a write for which the disk had no room', async function () {
    using disk = smallDisk(this, '1m');
    const store = await createRun(disk.folder, {}, { key });
    store.failed.catch(() => {}); // told by close, too
    const steps = Array.from({ length: 40 }, (_, n) => storedStep(n, { output: 'x'.repeat(50_000) }));
    for (const step of steps) store.saveStep(step, true);
    await assert.rejects(store.close({}), /ENOSPC/);
    const view = await viewJournal(store.folder, new Signer(key, store.folder));
    const found = steps.filter((step) => view.find(step) !== null);
    await view.close();
    assert.equal(view.isSigned, true);
    assert.ok(found.length >= 10, `${found.length} steps`);
    const lines = linesOf(store.folder);
    assert.match(lines.at(-1) ?? '', /"mac"/);
    assert.equal(lines.filter((line) => line.includes('"key"')).length, found.length);
  });

  it('is resumed where a MAC in the middle is missing: a later one covers all lines before it', async () => {
    const folder = await written();
    const lines = linesOf(folder);
    const first = lines.findIndex((line) => line.includes('"mac"'));
    write(folder, lines.toSpliced(first, 1));
    assert.deepEqual(await resumed(folder), ALL);
  });

  it("is refused when it is another run's, or another user's", async () => {
    const folder = await written();
    const copied = join(dirname(folder), 'run_20261122-101500-copy');
    cpSync(folder, copied, { recursive: true });
    await assert.rejects(resumed(copied), UntrustedRun);
    await assert.rejects(openRun(folder, {}, { key: randomBytes(32) }), UntrustedRun);
    assert.deepEqual(await resumed(copied, true), ALL);
    assert.deepEqual(await resumed(copied), ALL);
  });

  it("is checked in run.json as well: a right checksum isn't enough", async () => {
    const folder = await written();
    await writeRunFile(folder, { info: { settings: 'evil' }, end: null });
    await assert.rejects(resumed(folder), UntrustedRun);
    assert.deepEqual(await resumed(folder, true), ALL);
    assert.deepEqual(await resumed(folder), ALL);
    rmSync(join(folder, 'run.json'));
    assert.deepEqual(await resumed(folder), ALL);
  });
});

describe('a run that is not signed', () => {
  it('is not resumed, and is signed once the user trusts it', async () => {
    const folder = await written(null);
    await assert.rejects(resumed(folder), /isn't signed by you: .* add --trust-run$/);
    assert.deepEqual(await resumed(folder, true), ALL);
    assert.deepEqual(await resumed(folder), ALL);
  });

  it('is resumed where nothing is signed', async () => {
    const folder = await written(null);
    const store = await openRun(folder, {});
    assert.deepEqual(stepsIn(store), ALL);
    await store.close({});
  });
});

function placeOf(n: number, lines: readonly string[]): number {
  return lines.findIndex((line) => line.includes(made(n).slice(AFTER_SUM)));
}

function swapped(lines: readonly string[], one: number, other: number): string[] {
  return lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
}

const AFTER_SUM = 20;

/** The line of a step as anybody can make it. */
function made(n: number): string {
  return forged[n] ?? '';
}

let forged: string[] = [];
before(async () => {
  const store = await createRun(folderWith(), {});
  for (let n = 0; n < 10; n++) store.saveStep(storedStep(n), true);
  await store.close({});
  forged = linesOf(store.folder).slice(1);
});
