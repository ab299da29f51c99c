import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WriteFailure } from '../../lib/errors.js';
import { Appender } from '../../lib/store/appender.js';
import { LINE_BEGIN } from '../../lib/store/line.js';
import { Outputs } from '../../lib/store/outputs.js';
import { deferred } from '../../lib/util/deferred.js';
import { folderWith } from '../helpers/folder.js';
import { until } from '../helpers/program.js';
import { smallDisk } from '../helpers/small-disk.js';

interface Stage {
  readonly appender: Appender;
  readonly handle: FileHandle;
  readonly outputs: Outputs;
  /** What is in the file, without the sums. */
  lines(): string[];
}

async function withAppender(test: (stage: Stage) => Promise<void>, file = join(folderWith(), 'lines')) {
  const handle = await open(file, file === '/dev/full' ? 'r+' : 'wx+');
  const outputs = new Outputs(folderWith());
  const appender = new Appender({ handle, file, end: 0, outputs });
  const lines = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.slice(LINE_BEGIN.length));
  try {
    await test({ appender, handle, outputs, lines });
  } finally {
    await handle.close();
  }
}

function line(text: string): () => string {
  return () => `${LINE_BEGIN}${text}\n`;
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `${from + n}`);
}

describe('Appender', () => {
  it('writes lines by itself, in order, and says where they stand', async () => {
    await withAppender(async ({ appender, lines }) => {
      assert.deepEqual([appender.add(line('a')), appender.add(line('b'))], [0, 20]);
      await until('they are written', () => lines().length === 3);
      assert.equal(appender.add(line('c')), 40);
      await until('it is written, too', () => lines().length === 4);
      assert.deepEqual(lines(), ['a', 'b', 'c', '']);
      await appender.flushed();
    });
  });

  it('writes at once, however long the turn of the event loop takes', async () => {
    await withAppender(async ({ appender, lines }) => {
      appender.add(line('first'));
      assert.deepEqual(lines(), ['first', '']);
      // More than is held back at any time; and none of it is left to another turn.
      let added = 0;
      for (; added < 1_000_000 && lines().length < 100; added++) appender.add(line(`${added}`));
      assert.ok(lines().length >= 100, `${lines().length} of ${added} lines`);
      await appender.flushed();
    });
  });

  it('makes lines in order with those that are there already, and has flushed them', async () => {
    await withAppender(async ({ appender, lines }) => {
      let made = 0;
      const next = () => line(`${made++}`)();
      for (let n = 0; n < 9; n++) appender.addUnmade(next);
      const offset = appender.add(line('placed'));
      assert.deepEqual([made, offset], [9, 180]);
      for (let n = 0; n < 9; n++) appender.addUnmade(next);
      await appender.flushed();
      assert.deepEqual(lines(), [...numbers(0, 9), 'placed', ...numbers(9, 18), '']);
    });
  });

  it('writes by itself the lines that it makes', async () => {
    await withAppender(async ({ appender, lines }) => {
      appender.addUnmade(line('a'));
      appender.addUnmade(line('b'));
      await until('they are written', () => lines().length === 3);
      appender.addUnmade(line('c'));
      await until('it is written, too', () => lines().length === 4);
      assert.deepEqual(lines(), ['a', 'b', 'c', '']);
    });
  });

  it('fails where a line cannot be made', async () => {
    await withAppender(async ({ appender }) => {
      appender.add(line('a'));
      appender.addUnmade(() => {
        throw new Error('no line');
      });
      await assert.rejects(appender.failed, WriteFailure);
      assert.equal(appender.add(line('b')), undefined);
    });
  });

  it('has flushed what was added before it was asked, whatever is under way', async () => {
    await withAppender(async ({ appender, lines }) => {
      const asked: Promise<void>[] = [];
      for (let n = 0; n < 300; n++) {
        appender.add(line(`${n}`));
        asked.push(appender.flushed().then(() => assert.equal(lines()[n], `${n}`)));
        if (n % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(asked);
      await appender.flushed();
      assert.equal(lines().length, 301);
    });
  });

  it('has flushed, too, when it was asked while it was about to sync by itself', async () => {
    await withAppender(async ({ appender }) => {
      for (let n = 0; n < 20; n++) appender.add(line('x'.repeat(2 ** 20)));
      const ready = appender.ready();
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
      const deadline = performance.now() + 60; // the sync is due before it is known that all is written
      while (performance.now() < deadline);
      await ready;
      await appender.flushed();
    });
  });

  it('syncs what is written: by itself soon, and before it has flushed', async () => {
    await withAppender(async ({ appender, handle, lines }) => {
      const datasync = handle.datasync.bind(handle);
      let synced: readonly string[] = [];
      handle.datasync = async () => {
        const written = lines();
        await datasync();
        synced = written;
      };
      appender.add(line('a'));
      await until('it is synced', () => synced.length === 2);
      appender.add(line('b'));
      await appender.flushed();
      assert.deepEqual(synced, ['a', 'b', '']);
    });
  });

  it('syncs soon, too, while lines keep coming', async () => {
    await withAppender(async ({ appender, handle }) => {
      const datasync = handle.datasync.bind(handle);
      let syncs = 0;
      handle.datasync = () => {
        syncs++;
        return datasync();
      };
      for (; syncs < 3; await delay(1)) appender.add(line('a'));
      await appender.flushed();
    });
  });

  it('finds a line until it is written', async () => {
    await withAppender(async ({ appender, lines }) => {
      const offsets = Array.from({ length: 20 }, (_, n) => appender.add(line(`${n} ${'ä'.repeat(30_000)}`)));
      for (const [n, offset] of offsets.entries()) {
        assert.match(appender.lineAt(offset ?? 0)?.toString() ?? lines()[n] ?? '', new RegExp(`,?${n} ä+$`));
      }
      await appender.flushed();
      assert.equal(appender.lineAt(offsets[0] ?? 0), undefined);
    });
  });

  it('says when the disk lags behind with big outputs, and when it has caught up', async () => {
    await withAppender(async ({ appender, outputs }) => {
      for (let n = 0; n < 20; n++) appender.add(line(outputs.field(`${n}${'x'.repeat(2 ** 20)}`)));
      const ready = appender.ready();
      assert.notEqual(ready, null);
      await ready;
      assert.equal(appender.ready(), null);
      await appender.flushed();
      assert.equal(outputs.unsyncedLength, 0);
    });
  });

  it('counts outputs that are equal once, as they are written', async () => {
    await withAppender(async ({ appender, outputs }) => {
      for (let n = 0; n < 20; n++) appender.add(line(outputs.field('x'.repeat(2 ** 20))));
      await appender.flushed();
      assert.equal(outputs.unsyncedLength, 0);
      assert.equal(appender.ready(), null);
    });
  });

  it('cuts off a line that is written in part, when nothing can be written any more', async function () {
    using disk = smallDisk(this, '1m');
    await withAppender(
      async ({ appender, lines }) => {
        appender.add(line('a'));
        await appender.flushed();
        appender.add(line('b'.repeat(2 ** 21)));
        await assert.rejects(appender.flushed(), WriteFailure);
        await until('it is cut off', () => lines().at(-1) === '');
        assert.deepEqual(lines(), ['a', '']);
      },
      join(disk.folder, 'lines'),
    );
  });

  it('has written what was added when it is told to, while the disk syncs, too', async () => {
    await withAppender(async ({ appender, outputs, lines }) => {
      const syncing = deferred<void>();
      const synced = deferred<void>();
      outputs.sync = () => {
        syncing.resolve();
        return synced.promise;
      };
      appender.add(line('a'));
      await syncing.promise;
      for (const text of ['b', 'c']) appender.add(line(text));
      appender.addUnmade(line('d'));
      appender.write();
      assert.deepEqual(lines(), ['a', 'b', 'c', 'd', '']);
      synced.resolve();
      await appender.flushed();
    });
  });

  it('fails once, for all, when nothing can be written', async () => {
    const full = async ({ appender }: Stage) => {
      const isFull = (error: unknown) =>
        error instanceof WriteFailure &&
        error.code === 'ENOSPC' &&
        /^cannot write \/dev\/full: ENOSPC: no space left on device/.test(error.message);
      for (let n = 0; n < 20; n++) appender.add(line('x'.repeat(2 ** 20)));
      const [ready, flushed] = [appender.ready(), appender.flushed()];
      await assert.rejects(appender.failed, isFull);
      await assert.rejects(flushed, isFull);
      await ready;
      await assert.rejects(appender.flushed(), isFull);
      assert.equal(appender.ready(), null);
      assert.equal(appender.add(line('y')), undefined);
    };
    await withAppender(full, '/dev/full');
  });

  it('throws when it is told to write what it cannot, then and later', async () => {
    const full = async ({ appender }: Stage) => {
      for (const text of ['a', 'b']) appender.addUnmade(line(text));
      for (let n = 0; n < 2; n++) assert.throws(() => appender.write(), WriteFailure);
      await assert.rejects(appender.failed, WriteFailure);
    };
    await withAppender(full, '/dev/full');
  });

  it('throws, too, when all that is left to write is nothing, but lines before could not be written', async () => {
    await withAppender(async ({ appender, handle }) => {
      appender.add(line('a'));
      await handle.close();
      await assert.rejects(appender.failed, WriteFailure);
      assert.throws(() => appender.write(), WriteFailure);
    });
  });

  it('fails once, too, when it was about to sync what is written', async () => {
    await withAppender(async ({ appender, handle, lines }) => {
      appender.add(line('a'));
      await handle.close();
      await until('it has failed', () => appender.add(line('b')) === undefined);
      await assert.rejects(appender.flushed(), WriteFailure);
      assert.deepEqual(lines(), ['a', '']);
    });
  });

  it('fails quietly without a listener', async () => {
    await withAppender(async ({ appender }) => {
      appender.add(line('a'));
      await until('it has failed', () => appender.add(line('b')) === undefined);
    }, '/dev/full');
  });
});
