import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Marks, markOf } from '../../lib/store/marks.js';

describe('Marks', () => {
  it('knows what was set last, and nothing else', () => {
    // Multiples of the first number of slots want the same one.
    const mark = fc.oneof(
      fc.nat(20),
      fc.nat(1000).map((n) => n * 4096),
      fc.nat({ max: 2 ** 32 - 1 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(mark, fc.boolean())), mark, (changes, other) => {
        const marks = new Marks();
        assert.ok(marks.isEmpty);
        for (const [at, isIn] of changes) marks.set(at, isIn);
        const known = new Map(changes);
        for (const [at, isIn] of known) assert.equal(marks.get(at), isIn);
        if (!known.has(other)) assert.equal(marks.get(other), undefined);
      }),
    );
  });

  it('holds more than it began with', () => {
    const marks = new Marks();
    for (let n = 0; n < 100_000; n++) marks.set(n * 7919, n % 3 > 0);
    for (let n = 0; n < 100_000; n++) assert.equal(marks.get(n * 7919), n % 3 > 0);
  });
});

const listed = (path: string) => ({ path, sha256: null });

describe('markOf', () => {
  it('is of names and paths, whatever their order and their contents', () => {
    const mark = markOf([
      ['doc', listed('a.md')],
      ['rule', listed('b.md')],
    ]);
    assert.equal(
      markOf([
        ['rule', listed('b.md')],
        ['doc', { path: 'a.md', sha256: 'ab' }],
      ]),
      mark,
    );
    assert.notEqual(
      markOf([
        ['doc', listed('b.md')],
        ['rule', listed('a.md')],
      ]),
      mark,
    );
    assert.notEqual(markOf([['doc', listed('a.md')]]), mark);
  });

  it('is of the hashes of values', () => {
    const mark = (sha256: string) => markOf([['n', { path: null, sha256 }]]);
    assert.equal(mark('ab'), mark('ab'));
    assert.notEqual(mark('ab'), mark('cd'));
  });
});
