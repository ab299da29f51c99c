import assert from 'node:assert/strict';
import fc from 'fast-check';
import { counted, tokensOf } from '../../lib/plan/token-sum.js';
import { type Tokenizer, tokenizerFor } from '../../lib/plan/tokenizer.js';

const models = ['gpt-5.5', 'gpt-4'];
const pieces = [
  ...['a', 'the', ' the', "'s", 'I', 'Word', ' ', '  ', '\n', '\r\n', '\t', '1', '2026', '.', '...', '//'],
  ...['é', 'e\u0301', 'Ж', '漢字', '😀', '\ud800', '<|endoftext|>', 'x'.repeat(300), ' x y '],
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

describe('tokensOf', () => {
  let tokenizers: readonly Tokenizer[];
  before(async () => {
    tokenizers = await Promise.all(models.map(tokenizerFor));
  });

  it('is what the whole text has, however it was put together', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        for (const tokenizer of tokenizers) {
          const parts = texts.map((text) => counted(text, tokenizer));
          assert.equal(tokensOf(parts, tokenizer), tokenizer.count(texts.join('')));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('counts a text once, and then only its edges', () => {
    const [real] = tokenizers;
    let characters = 0;
    const tokenizer: Tokenizer = {
      count(text) {
        characters += text.length;
        return real?.count(text) ?? 0;
      },
    };
    const content = counted('word '.repeat(10_000), tokenizer);
    const before = characters;
    for (let flow = 0; flow < 100; flow++) tokensOf([content, content], tokenizer);
    assert.ok(characters - before < 100 * 100, `${characters - before} characters`);
  });

  it('cuts a text without words somewhere', () => {
    for (const tokenizer of tokenizers) {
      const long = '漢字仮名。'.repeat(10_000);
      const part = counted(long, tokenizer);
      assert.deepEqual([part.head, part.tail, part.estimated], ['', '', true]);
      const difference = tokensOf([part, part], tokenizer) - tokenizer.count(long + long);
      assert.ok(Math.abs(difference) <= 1, `${difference}`);
    }
  });

  it('estimates a text that is too long', () => {
    const [tokenizer] = tokenizers;
    assert.ok(tokenizer);
    const long = 'The quick brown fox jumps over the lazy dog, 42 times.\n'.repeat(50_000);
    const part = counted(long, tokenizer);
    assert.equal(part.estimated, true);
    const ratio = tokensOf([part], tokenizer) / tokenizer.count(long);
    assert.ok(Math.abs(ratio - 1) < 0.01, `${ratio}`);
  });
});
