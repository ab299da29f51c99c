import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Holder, holderOf, LockError, lock, newHolder } from '../../lib/store/lock.js';
import { folderWith } from '../helpers/folder.js';

/** A process that has ended. */
function gone(token: string): Holder {
  return { ...newHolder(), pid: 4_000_000, started: 1, token };
}

function fileWith(holder?: Holder | string): string {
  const text = typeof holder === 'object' ? JSON.stringify(holder) : holder;
  return join(folderWith(text === undefined ? {} : { lock: text }), 'lock');
}

function filesBeside(file: string): string[] {
  return readdirSync(join(file, '..'));
}

async function refusal(file: string): Promise<LockError> {
  const error = await lock(file).catch((error) => error);
  assert.ok(error instanceof LockError);
  return error;
}

describe('lock', () => {
  it('is held until it is released, and says by whom', async () => {
    const file = fileWith();
    const { takenFrom, release } = await lock(file);
    assert.equal(takenFrom, null);
    assert.equal((await holderOf(file))?.pid, process.pid);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const { message, hint, holder } = await refusal(file);
    const { host, since } = newHolder();
    assert.ok(
      message.endsWith(`is in use: process ${process.pid} on ${host} has had it since ${holder?.since}`),
      message,
    );
    assert.ok(holder && holder.since <= since);
    assert.equal(hint, 'Wait for its end, or end it.');
    assert.deepEqual(filesBeside(file), ['lock']);
    await release();
    assert.equal(await holderOf(file), null);
    assert.deepEqual(filesBeside(file), []);
  });

  it('is taken over from a process that has ended', async () => {
    const file = fileWith(gone('a'));
    assert.equal(await holderOf(file), null);
    const { takenFrom, release } = await lock(file);
    assert.equal(takenFrom?.token, 'a');
    assert.deepEqual(filesBeside(file), ['lock']);
    await refusal(file);
    await release();
  });

  it('is taken over where others went down taking it over', async () => {
    const file = fileWith(gone('a'));
    writeFileSync(`${file}.a`, JSON.stringify(gone('b')));
    writeFileSync(`${file}.a.b`, JSON.stringify(gone('c')));
    const { takenFrom } = await lock(file);
    assert.equal(takenFrom?.token, 'a');
    assert.deepEqual(filesBeside(file), ['lock']);
  });

  it('is refused where it is unknown whether the holder still runs', async () => {
    const file = fileWith({
      ...newHolder(),
      pid: 7,
      host: 'elsewhere',
      boot: 'another',
      since: '2026-11-22T10:00:00Z',
    });
    assert.equal((await holderOf(file))?.pid, 7, 'who may still run counts as its holder');
    const { message, hint } = await refusal(file);
    assert.match(
      message,
      /may be in use: process 7 on elsewhere has had it since 2026-11-22T10:00:00Z, and it is unknown whether it still runs/,
    );
    assert.equal(hint, `If nothing works on that run any more, delete ${file}.`);
    rmSync(file);
    await lock(file);
  });

  it('is refused where its file was damaged', async () => {
    const file = fileWith('{"pid":');
    const { message, hint } = await refusal(file);
    assert.match(message, /lock can't be read: /);
    assert.match(hint, /delete .*lock/);
  });

  for (const text of ['null', '[]', '7', '{}', '', '{"pid":-1}', JSON.stringify(gone('../../x'))]) {
    it(`is refused where its file says ${text.slice(0, 8) || 'nothing'}`, async () => {
      const { message, hint } = await refusal(fileWith(text));
      assert.match(message, /lock can't be read: it doesn't name a process/);
      assert.match(hint, /delete .*lock/);
    });
  }

  it('is refused where a folder, a FIFO or a link stands in its place', async () => {
    const [folder, fifo, link] = [fileWith(), fileWith(), fileWith()];
    mkdirSync(folder);
    execFileSync('mkfifo', [fifo]);
    symlinkSync('/dev/zero', link);
    for (const file of [folder, fifo, link]) assert.match((await refusal(file)).message, /can't be read: /);
  });

  it('leaves what has come to its place alone when it is released', async () => {
    const file = fileWith();
    const { release } = await lock(file);
    writeFileSync(file, 'null');
    await release();
    assert.equal(readFileSync(file, 'utf8'), 'null');
  });

  it("leaves another one's lock alone when it is released", async () => {
    const file = fileWith();
    const { release } = await lock(file);
    writeFileSync(file, JSON.stringify(gone('other')));
    await release();
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).token, 'other');
  });

  it('is had by exactly one of many that try at once, free or left behind', async () => {
    for (let round = 0; round < 40; round++) {
      const file = fileWith(round % 2 === 0 ? gone('a') : undefined);
      if (round % 4 === 0) writeFileSync(`${file}.a`, JSON.stringify(gone('b')));
      const tries = await Promise.allSettled(Array.from({ length: 12 }, () => lock(file)));
      const failures = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      assert.equal(failures.length, 11);
      for (const failure of failures) assert.ok(failure instanceof LockError, String(failure));
      assert.deepEqual(filesBeside(file), ['lock']);
    }
  });
});
