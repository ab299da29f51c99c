import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { chmodSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { StepFailure } from '../../lib/errors.js';
import { Contents, Limit } from '../../lib/inputs/contents.js';
import { folderWith } from '../helpers/folder.js';

const sha256 = (content: string | Buffer) => hash('sha256', content);
const listed = (folder: string, path: string) => ({ file: join(folder, path), path, key: 'doc' });

/** Rejects (or throws) with an `input` failure whose message and hint match. */
function failsAsInput(work: () => string | Promise<string>, message: RegExp, hint = /^/): Promise<void> {
  return assert.rejects(
    async () => work(),
    (error) =>
      error instanceof StepFailure &&
      error.kind === 'input' &&
      message.test(error.message) &&
      hint.test(error.hint ?? ''),
  );
}

describe('Contents.hash', () => {
  it('hashes the bytes, small files and streamed ones, UTF-8 or not', async () => {
    const binary = Buffer.from([0xff, 0, 0xfe]);
    const large = Buffer.alloc(3_000_000, 'abc');
    const folder = folderWith({ binary, large, empty: '' });
    const contents = new Contents();
    assert.equal(await contents.hash(listed(folder, 'binary'), true), sha256(binary));
    assert.equal(await contents.hash(listed(folder, 'large'), true), sha256(large));
    assert.equal(await contents.hash(listed(folder, 'empty'), true), sha256(''));
  });

  it('hashes a file once, however many ask, and answers at once afterwards', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const contents = new Contents();
    const asked = [contents.hash(listed(folder, 'a.md'), true), contents.hash(listed(folder, 'a.md'), false)];
    assert.equal(asked[0], asked[1]);
    await Promise.all(asked);
    rmSync(join(folder, 'a.md'));
    assert.equal(contents.hash(listed(folder, 'a.md'), true), sha256('A'));
  });

  it('fails as input where the file vanished', async () => {
    const file = listed(folderWith(), 'docs/gone.md');
    await failsAsInput(() => new Contents().hash(file, true), /^docs\/gone\.md vanished during the run$/);
  });

  it('fails as input without a file', async () => {
    const file = listed(folderWith({ 'docs/a.md': '' }), 'docs');
    await failsAsInput(() => new Contents().hash(file, true), /^docs cannot be read: EISDIR/);
  });

  it('opens few files at a time, with thousands in flight', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `${i}.md`);
    const folder = folderWith(Object.fromEntries(names.map((name) => [name, name])));
    const contents = new Contents({ maxReads: 2 });
    const hashes = await Promise.all(names.map((name) => contents.hash(listed(folder, name), true)));
    assert.deepEqual(hashes, names.map(sha256));
  });
});

describe('Contents.text', () => {
  it('gives the text without its byte order mark, at once when it was hashed to be used', async () => {
    const folder = folderWith({ 'a.md': '\ufeffgrüße 🙂\0' });
    const contents = new Contents();
    const known = await contents.hash(listed(folder, 'a.md'), true);
    assert.equal(await contents.text(listed(folder, 'a.md'), known), 'grüße 🙂\0');
    assert.equal(contents.text(listed(folder, 'a.md'), known), 'grüße 🙂\0');
  });

  it('reads what was only hashed, streamed or empty', async () => {
    const large = 'abc'.repeat(1_000_000);
    const folder = folderWith({ large, 'small.md': 'small', 'empty.md': '' });
    const contents = new Contents();
    for (const [name, text] of [
      ['large', large],
      ['small.md', 'small'],
      ['empty.md', ''],
    ] as const) {
      const known = await contents.hash(listed(folder, name), false);
      assert.equal(await contents.text(listed(folder, name), known), text);
    }
  });

  it('shares one read among simultaneous requests', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const contents = new Contents();
    const texts = [1, 2, 3].map(() => contents.text(listed(folder, 'a.md'), sha256('A')));
    assert.deepEqual(await Promise.all(texts), ['A', 'A', 'A']);
  });

  it('keeps no more than its limit', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `${i}.md`);
    const folder = folderWith(Object.fromEntries(names.map((name) => [name, 'x'.repeat(1000)])));
    const contents = new Contents({ maxBytes: 10_000 });
    const known = sha256('x'.repeat(1000));
    for (const name of names) await contents.text(listed(folder, name), known);
    const kept = names.filter((name) => typeof contents.text(listed(folder, name), known) === 'string');
    assert.deepEqual(kept, ['95.md', '96.md', '97.md', '98.md', '99.md']);
  });

  it('serves a file that is larger than its limit', async () => {
    const folder = folderWith({ 'a.md': 'x'.repeat(1000) });
    const contents = new Contents({ maxBytes: 10 });
    const known = await contents.hash(listed(folder, 'a.md'), true);
    assert.equal(await contents.text(listed(folder, 'a.md'), known), 'x'.repeat(1000));
  });

  it('reads anew what it had to let go', async () => {
    const folder = folderWith({ 'a.md': 'before' });
    const contents = new Contents({ maxBytes: 1 });
    const known = await contents.hash(listed(folder, 'a.md'), false);
    assert.equal(await contents.text(listed(folder, 'a.md'), known), 'before');
    writeFileSync(join(folder, 'a.md'), 'after');
    await failsAsInput(() => contents.text(listed(folder, 'a.md'), known), /^a\.md changed during the run$/);
  });

  it("fails as input on content that isn't UTF-8, with the place of the byte and a remedy", async () => {
    const folder = folderWith({ 'a.md': Buffer.from([0x61, 0x62, 0xff]) });
    const contents = new Contents();
    const known = await contents.hash(listed(folder, 'a.md'), true);
    await failsAsInput(
      () => contents.text(listed(folder, 'a.md'), known),
      /^a\.md is not UTF-8: invalid byte 0xff at position 2$/,
      /^Convert it to UTF-8, or use only its path, \{{{doc\.path}}}\.$/,
    );
  });

  it('fails as input when the file changed since it was hashed', async () => {
    const folder = folderWith({ 'a.md': 'before' });
    const contents = new Contents();
    const known = await contents.hash(listed(folder, 'a.md'), false);
    writeFileSync(join(folder, 'a.md'), 'after');
    await failsAsInput(
      () => contents.text(listed(folder, 'a.md'), known),
      /^a\.md changed during the run$/,
      /run it again/,
    );
  });

  it('fails as input what is too large to be put in, and reads nothing of it', async () => {
    const folder = folderWith({ 'a.md': '' });
    truncateSync(join(folder, 'a.md'), 2 ** 26 + 1);
    const contents = new Contents();
    const known = await contents.hash(listed(folder, 'a.md'), true);
    await failsAsInput(
      () => contents.text(listed(folder, 'a.md'), known),
      /^a\.md is larger than 64 MiB$/,
      /Split it, or use only its path/,
    );
  });

  it('fails as input what vanished since it was hashed, for all who ask', async () => {
    const folder = folderWith({ 'a.md': 'A' });
    const contents = new Contents();
    const known = await contents.hash(listed(folder, 'a.md'), false);
    rmSync(join(folder, 'a.md'));
    const asked = [1, 2].map(() => contents.text(listed(folder, 'a.md'), known));
    for (const text of asked) await failsAsInput(() => text, /^a\.md vanished during the run$/);
  });
});

describe('Contents, without the right to read', () => {
  it('fails as input', async function () {
    if (process.getuid?.() === 0) this.skip();
    const folder = folderWith({ 'a.md': 'A' });
    chmodSync(join(folder, 'a.md'), 0);
    await failsAsInput(
      () => new Contents().hash(listed(folder, 'a.md'), true),
      /^a\.md cannot be read: EACCES/,
    );
  });
});

describe('Limit', () => {
  it('runs so many at once, the others in order', async () => {
    const limit = new Limit(2);
    const begun: number[] = [];
    let [running, most] = [0, 0];
    const task = async (number: number) => {
      begun.push(number);
      running++;
      most = Math.max(most, running);
      await turn();
      running--;
      return number;
    };
    const all = (numbers: number[]) => Promise.all(numbers.map((number) => limit.run(() => task(number))));
    assert.deepEqual(await all([1, 2, 3, 4, 5]), [1, 2, 3, 4, 5]);
    assert.deepEqual(await all([6, 7, 8, 9]), [6, 7, 8, 9]);
    assert.deepEqual({ begun, most }, { begun: [1, 2, 3, 4, 5, 6, 7, 8, 9], most: 2 });
  });

  it('gives the place of a failed task to the next', async () => {
    const limit = new Limit(1);
    const failed = limit.run(() => Promise.reject(new Error('no')));
    const next = limit.run(async () => 'next');
    await assert.rejects(failed, /no/);
    assert.equal(await next, 'next');
  });
});
