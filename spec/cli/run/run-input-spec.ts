import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { KeySources, type KeySourcesOptions } from '../../../lib/cli/run/run-input.js';
import { folderWith } from '../../helpers/folder.js';

/** The key n, whose list is named so. */
function sources(list: string, more: Partial<KeySourcesOptions> = {}): KeySources {
  return new KeySources({
    lists: { n: { list } },
    fromStdin: new Set(),
    cwd: folderWith(),
    known: {},
    ...more,
  });
}

const nothing = Readable.from([]);
const fromStdin = new Set(['n']);
const known = { n: 'known.md\n' };

describe('KeySources', () => {
  it('leaves files to be read with all others, though a text of theirs is known', async () => {
    const cwd = folderWith({ 'list.txt': 'a.md\n' });
    for (const more of [{ cwd }, { cwd, known }]) {
      const file = sources('list.txt', more);
      assert.equal(await file.areStreams(), false);
      assert.deepEqual(await file.read(nothing), { n: { list: 'list.txt' } });
    }
  });

  it('leaves what is not there to the check of the lists', async () => {
    for (const list of ['none.txt', '.', '/dev/fd/none', '-']) {
      const missing = sources(list);
      assert.equal(await missing.areStreams(), false);
      assert.deepEqual(await missing.read(nothing), { n: { list } });
    }
  });

  it('reads stdin, unless its text is known', async () => {
    const fresh = sources('-', { fromStdin });
    assert.equal(await fresh.areStreams(), true);
    assert.deepEqual(await fresh.read(Readable.from(['a.md'])), { n: { list: 'stdin', text: 'a.md' } });
    const old = sources('-', { fromStdin, known });
    assert.equal(await old.areStreams(), false);
    assert.deepEqual(await old.read(nothing), { n: { list: 'stdin', text: known.n } });
  });

  it('reads a named pipe, unless its text is known', async () => {
    const cwd = folderWith();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const fresh = sources('pipe', { cwd });
    assert.equal(await fresh.areStreams(), true);
    const [lists] = await Promise.all([fresh.read(nothing), appendFile(join(cwd, 'pipe'), 'a.md\n')]);
    assert.deepEqual(lists, { n: { list: 'pipe', text: 'a.md\n' } });
    // Nobody writes: to read it would take for good.
    const old = sources('pipe', { cwd, known });
    assert.deepEqual(await old.read(nothing), { n: { list: 'pipe', text: known.n } });
  });

  it('knows the text of a list that belonged to another process', async () => {
    const gone = sources('/dev/fd/999', { known });
    assert.deepEqual(await gone.read(nothing), { n: { list: '/dev/fd/999', text: known.n } });
  });

  it('tells a stream without an end, and reads no more of it than a list has', async () => {
    function* endless() {
      for (;;) yield Buffer.alloc(2 ** 24, 'x');
    }
    const read = sources('-', { fromStdin }).read(Readable.from(endless()));
    await assert.rejects(read, /^ConfigError: stdin: is larger than 128 MiB$/);
    await assert.rejects(
      sources('/dev/zero').read(nothing),
      /^ConfigError: \/dev\/zero: is larger than 128 MiB$/,
    );
  });

  it('tells a text that is none', async () => {
    const latin1 = Readable.from([Buffer.from([0xe4, 0x0a])]);
    await assert.rejects(sources('-', { fromStdin }).read(latin1), /^ConfigError: stdin: .*UTF-8/);
  });
});
