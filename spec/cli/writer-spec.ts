import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { WriteError, Writer } from '../../lib/cli/writer.js';

const direct = (write: () => void) => write();

/** A reader that takes nothing, or breaks, when it is told to. */
function slowReader(error?: Error) {
  const taking: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 4,
    write: (_chunk, _encoding, done) => {
      taking.push(() => done(error));
    },
  });
  return { stream, take: () => taking.shift()?.() };
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turns = 0; turns < 5; turns++) await turn();
  return settled;
}

describe('Writer', () => {
  it('settles at once while the reader keeps up', async () => {
    const stdout = new PassThrough();
    const writer = new Writer(stdout, direct);
    await writer.write('a\n');
    await writer.write('b\n');
    await writer.flush();
    assert.equal(stdout.read().toString(), 'a\nb\n');
  });

  it('writes what comes in one turn at once, and what is long without waiting for its end', async () => {
    const chunks: number[] = [];
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        chunks.push(chunk.length);
        done();
      },
    });
    const writer = new Writer(stdout, direct);
    await Promise.all([writer.write('abc'), writer.write('de')]);
    const long = writer.write('x'.repeat(70_000));
    assert.deepEqual(chunks, [5, 70_000]);
    await long;
  });

  it('waits for a reader that falls behind', async () => {
    const { stream, take } = slowReader();
    const write = new Writer(stream, direct).write('more than four');
    assert.equal(await isSettled(write), false);
    take();
    await write;
  });

  it('lets a hundred wait, without a warning, and all go on', async () => {
    const { stream, take } = slowReader();
    const writer = new Writer(stream, direct);
    const writes = Promise.all(Array.from({ length: 100 }, () => writer.write('12345')));
    assert.ok(stream.listenerCount('drain') <= 2);
    for (let taken = 0; taken < 100; taken++) {
      take();
      await turn();
    }
    await writes;
  });

  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  for (const [error, readerIsGone] of [
    [gone, true],
    [full, false],
  ] as const) {
    const expected = (thrown: unknown) => {
      assert.ok(thrown instanceof WriteError);
      assert.equal(thrown.readerIsGone, readerIsGone);
      assert.match(thrown.message, /^cannot write the results: .*(EPIPE|ENOSPC)/);
      return true;
    };

    it(`rejects all that waits, and all that comes, after ${error.code}`, async () => {
      const { stream, take } = slowReader(error);
      const writer = new Writer(stream, direct);
      const writes = [writer.write('12345'), writer.write('12345')];
      const rejections = writes.map((write) => assert.rejects(write, expected));
      await turn();
      take();
      await Promise.all(rejections);
      await assert.rejects(writer.write('x'), expected);
      await assert.rejects(writer.flush(), expected);
    });

    it(`rejects, too, what was about to be written when ${error.code} came`, async () => {
      const { stream, take } = slowReader(error);
      const writer = new Writer(stream, direct);
      const first = assert.rejects(writer.write('12345'), expected);
      await turn();
      const second = writer.write('x');
      take();
      assert.equal(await isSettled(second), true);
      await assert.rejects(second, expected);
      await first;
    });

    it(`rejects the flush where ${error.code} comes after the last write`, async () => {
      const { stream, take } = slowReader(error);
      const writer = new Writer(stream, direct);
      await writer.write('x');
      const flushed = assert.rejects(writer.flush(), expected);
      take();
      await flushed;
    });
  }

  it('flushes only when the last write has left', async () => {
    const { stream, take } = slowReader();
    const writer = new Writer(stream, direct);
    await writer.write('x');
    const flushed = writer.flush();
    assert.equal(await isSettled(flushed), false);
    take();
    await turn();
    take();
    await flushed;
  });

  it('hands each write to what clears the live line', async () => {
    const log: string[] = [];
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        log.push(String(chunk));
        done();
      },
    });
    const writer = new Writer(stdout, (write) => {
      log.push('cleared');
      write();
      log.push('drawn');
    });
    await writer.write('record');
    assert.deepEqual(log, ['cleared', 'record', 'drawn']);
  });

  it('writes nothing of what was gathered where what runs the write throws, and tells those who wait', async () => {
    const stdout = new PassThrough();
    const failure = new Error('cannot keep it');
    let fails = true;
    const writer = new Writer(stdout, (write) => {
      if (fails) throw failure;
      write();
    });
    const held = [writer.write('a\n'), writer.write('b\n'), writer.write('x'.repeat(70_000))];
    for (const write of held) await assert.rejects(write, failure);
    fails = false;
    await writer.write('c\n');
    await writer.flush();
    assert.equal(stdout.read().toString(), 'c\n');
  });
});
