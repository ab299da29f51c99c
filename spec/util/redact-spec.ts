import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redacted, redactedText, textRedactor } from '../../lib/util/redact.js';

async function* from(chunks: readonly (string | Buffer)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function chunksOf(chunks: readonly (string | Buffer)[], secrets: readonly string[]): Promise<string[]> {
  const clean: string[] = [];
  for await (const chunk of redacted(from(chunks), secrets)) clean.push(chunk.toString('latin1'));
  return clean;
}

describe('redacted', () => {
  const rows: [string, string[], string[], string][] = [
    ['a secret', ['a-secret-b'], ['secret'], 'a-[redacted]-b'],
    ['each of several', ['s1 s2 s1'], ['s1', 's2'], '[redacted] [redacted] [redacted]'],
    ['one that comes in pieces', ['a-se', 'c', 'ret-b'], ['secret'], 'a-[redacted]-b'],
    ['one at the end', ['a-sec', 'ret'], ['secret'], 'a-[redacted]'],
    ['nothing where it only starts', ['a-sec', 'tor', ' sec'], ['secret'], 'a-sector sec'],
    ['the longer of two', ['abcdef'], ['abc', 'abcdef'], '[redacted]'],
    ['the longer of two in pieces', ['abc', 'def'], ['abc', 'abcdef'], '[redacted]'],
    ['the shorter where it is not the longer', ['abc', 'dex'], ['abc', 'abcdef'], '[redacted]dex'],
    ['the first of two that overlap', ['xab', 'cdy'], ['abc', 'bcd'], 'x[redacted]dy'],
    ['one that starts within what turns out to be none', ['aab', 'ab!'], ['abab!', 'b!'], 'a[redacted]'],
    ['one within repeats of its start', ['aaa', 'aab'], ['aab'], 'aaa[redacted]'],
    ['one as JSON has it', ['{"a":"x\\"y\\\\z\\nend"}'], ['x"y\\z\nend'], '{"a":"[redacted]"}'],
    ['nothing where there is no secret', ['a', 'b'], [], 'ab'],
    ['nothing for an empty one', ['ab'], [''], 'ab'],
    ['nothing in nothing', [], ['secret'], ''],
  ];
  for (const [what, chunks, secrets, expected] of rows) {
    it(`replaces ${what}`, async () => {
      assert.equal((await chunksOf(chunks, secrets)).join(''), expected);
      assert.equal(redactedText(chunks.join(''), secrets), expected);
    });
  }

  it('holds nothing back but what may be the start of a secret', async () => {
    assert.deepEqual(await chunksOf(['one\n', 'two s', 'ix\n'], ['secret']), ['one\n', 'two ', 'six\n']);
  });

  it("keeps bytes that aren't text", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
    assert.equal((await chunksOf([bytes], ['secret'])).join(''), bytes.toString('latin1'));
  });

  it('does the same however the text is cut', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'c'), { maxLength: 12 });
    const secrets = fc.array(fc.constantFrom('aab', 'ab', 'abab', 'bb', 'baab'), { maxLength: 3 });
    const property = fc.asyncProperty(text, secrets, async (chunks, secrets) => {
      const whole = redactedText(chunks.join(''), secrets);
      assert.equal((await chunksOf(chunks, secrets)).join(''), whole);
      const plain = whole.replaceAll('[redacted]', '|');
      for (const secret of secrets) assert.ok(!plain.includes(secret));
    });
    return fc.assert(property, { numRuns: 500 });
  });

  it('takes a time that is linear, also where all is the start of a secret', async () => {
    // Compared at each place, that would be a million million characters.
    const secrets = [`${'a'.repeat(100_000)}b`, 'c'.repeat(100)];
    const chunks = Array.from({ length: 200 }, () => 'a'.repeat(65_536));
    assert.equal((await chunksOf(chunks, secrets)).join('').length, 200 * 65_536);
  });
});

describe('textRedactor', () => {
  const secret = 'k/e"y\\1';
  const forms = ['k/e"y\\1', 'k\\/e\\"y\\\\1', '\\u006b\\u002Fe\\"y\\u005c1', 'k\\u002fe\\u0022y\\\\\\u0031'];
  for (const form of forms)
    it(`replaces a secret that JSON writes as ${form}`, () => {
      assert.equal(textRedactor([secret])(`<${form}>`), '<[redacted]>');
    });

  it('replaces the longest of those that begin at one place', () => {
    assert.equal(
      textRedactor(['secret', 'secret-two'])('a secret-two, a secret'),
      'a [redacted], a [redacted]',
    );
  });

  it('leaves other texts as they are', () => {
    const text = 'k/e"y \\u0041 \\/ \\n';
    assert.equal(textRedactor([secret])(text), text);
    assert.equal(textRedactor([])(secret), secret);
  });
});
