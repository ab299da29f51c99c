import assert from 'node:assert/strict';
import { tokenizerFor } from '../../lib/plan/tokenizer.js';

describe('tokenizerFor', () => {
  const texts: [text: string, tokens: number][] = [
    ['', 0],
    ['Hello, world!', 4],
    ['hi <|endoftext|> there', 9],
    ['<|endoftext|>', 7],
    ['\ud800', 1],
  ];
  for (const [text, tokens] of texts) {
    it(`counts ${tokens} in ${JSON.stringify(text)}`, async () => {
      const { count } = await tokenizerFor('gpt-5.5');
      assert.equal(count(text), tokens);
    });
  }

  it("goes by the model's own alphabet", async () => {
    const text = 'Größenwahnsinnige Überraschungseier';
    const [old, latest, unknown] = await Promise.all(['gpt-4', 'gpt-4o', 'mine'].map(tokenizerFor));
    assert.notEqual(old?.count(text), latest?.count(text));
    assert.equal(unknown?.count(text), latest?.count(text));
  });

  // gpt-tokenizer itself takes the square of the length: 0.5 s for 40,000 characters, hours for these.
  const endless: [what: string, text: string, tokens: number][] = [
    ['10 MB of one letter', 'a'.repeat(1e7), 1_250_000],
    ['10 MB of spaces', ' '.repeat(1e7), 78_125],
    ['a million emoji', '\u{1f600}'.repeat(1e6), 1_000_000],
    ['a million letters with marks', 'e\u0301'.repeat(1e6), 2_000_000],
  ];
  for (const [what, text, tokens] of endless) {
    it(`counts ${what}`, async () => {
      const { count } = await tokenizerFor(null);
      const found = count(text);
      assert.ok(Math.abs(found / tokens - 1) < 0.05, `${found} tokens, expected about ${tokens}`);
    });
  }
});
