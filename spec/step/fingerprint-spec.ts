import assert from 'node:assert/strict';
import type { Flow } from '../../lib/flow/flow.js';
import { digest, digestOfValue, partOf, wholeFlow } from '../../lib/step/fingerprint.js';
import { newFlow } from '../helpers/flows.js';

describe('digestOfValue', () => {
  it('is the same whatever the order of the fields', () => {
    assert.equal(
      digestOfValue({ a: 1, b: { c: [1, 2], d: null } }),
      digestOfValue({ b: { d: null, c: [1, 2] }, a: 1 }),
    );
  });

  it('differs where a value or an order of a list differs', () => {
    const all = [{ a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, { b: 1 }, {}].map(digestOfValue);
    assert.equal(new Set(all).size, all.length);
  });

  it('is none for what JSON would lose', () => {
    for (const value of [() => 1, new Map(), { deep: [new Set()] }, 1n, Symbol('s')]) {
      assert.equal(digestOfValue({ value }), null);
    }
  });
});

describe('digest', () => {
  it('is 32 hex digits of a text or of bytes', () => {
    assert.match(digest('text'), /^[0-9a-f]{32}$/);
    assert.equal(digest('text'), digest(Buffer.from('text')));
  });
});

describe('wholeFlow', () => {
  it('differs where the flow does, or its output, or that of any earlier step', () => {
    const { dynamic } = wholeFlow({});
    const facts: Partial<Flow>[] = [
      {},
      { id: 'another' },
      { output: 'x' },
      { outputs: { one: 'x', two: 'b' } },
      { outputs: { one: 'a', two: 'x' } },
      { outputs: { one: 'ab', two: '' } },
    ];
    const seen = facts.map((facts) =>
      dynamic(newFlow({ outputs: { one: 'a', two: 'b' }, ...facts })).join('\0'),
    );
    assert.equal(new Set(seen).size, facts.length);
  });
});

describe('partOf', () => {
  it('is a short text itself, and of a long one a digest, which no text can be taken for', () => {
    const long = 'x'.repeat(1000);
    assert.equal(partOf('yes'), '=yes');
    assert.equal(partOf(long), digest(long));
    assert.notEqual(partOf(digest(long)), partOf(long));
  });

  it('differs where texts differ, short or long, whatever is in them', () => {
    const texts = ['', '=', 'a', 'a\0b', 'a\0', '\0', 'x'.repeat(32), 'x'.repeat(63), 'x'.repeat(64)];
    assert.equal(new Set(texts.map(partOf)).size, texts.length);
    for (const text of texts) assert.ok(!partOf(text).includes('\0'));
  });
});
