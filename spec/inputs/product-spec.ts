import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Key, pathKey, valueKey } from '../../lib/inputs/key.js';
import { product, productSize } from '../../lib/inputs/product.js';

/** Values of unknown number; counts how often they were begun and ended. */
function lazily(values: readonly string[]) {
  const count = { begun: 0, ended: 0 };
  const iterable = {
    *[Symbol.iterator]() {
      count.begun++;
      try {
        yield* values;
      } finally {
        count.ended++;
      }
    },
  };
  return { iterable, count };
}

function texts(keys: readonly Key[]): string[][] {
  return [...product(keys)].map(({ entries }) =>
    entries.map(({ path, identity }) => path ?? identity?.input.value ?? ''),
  );
}

/** The textbook definition. */
function nested(lists: readonly (readonly string[])[]): string[][] {
  const [first, ...others] = lists;
  if (!first) return [[]];
  return first.flatMap((text) => nested(others).map((rest) => [text, ...rest]));
}

describe('product', () => {
  it('is what nested loops give, the last key innermost, for keys of any kind', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
    const key = fc.tuple(list, fc.constantFrom('paths', 'array', 'lazy'));
    fc.assert(
      fc.property(fc.array(key, { maxLength: 4 }), (drawn) => {
        const keys = drawn.map(([texts, kind], place) => {
          if (kind === 'paths') return pathKey(`k${place}`, '/', texts);
          return valueKey(`k${place}`, '/', kind === 'lazy' ? lazily(texts).iterable : texts);
        });
        const expected = nested(drawn.map(([texts]) => texts));
        assert.deepEqual(texts(keys), expected);
        const size = productSize(keys);
        if (size !== null) assert.equal(size, expected.length);
      }),
    );
  });

  it('counts its combinations from 0', () => {
    const keys = [pathKey('a', '/', ['x', 'y']), pathKey('b', '/', ['x', 'y'])];
    assert.deepEqual(
      [...product(keys)].map(({ index }) => index),
      [0, 1, 2, 3],
    );
  });

  it('has one combination without keys, and none with an empty one', () => {
    assert.deepEqual(texts([]), [[]]);
    assert.equal(productSize([]), 1);
    const keys = [valueKey('a', '/', lazily(['x']).iterable), pathKey('b', '/', [])];
    assert.deepEqual(texts(keys), []);
    assert.equal(productSize(keys), 0);
  });

  it('knows its size where every key knows its own', () => {
    assert.equal(
      productSize([pathKey('a', '/', ['x', 'y']), valueKey('b', '/', new Set(['1', '2', '3']))]),
      6,
    );
    assert.equal(productSize([pathKey('a', '/', ['x']), valueKey('b', '/', lazily(['1']).iterable)]), null);
  });

  it('is lazy: takes from the first key only what is asked for', () => {
    let taken = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield String(taken++);
      },
    };
    const combinations = product([valueKey('n', '/', endless)]);
    for (let i = 0; i < 3; i++) combinations.next();
    assert.equal(taken, 3);
  });

  it('goes through values anew in every round', () => {
    const { iterable, count } = lazily(['1', '2']);
    texts([pathKey('a', '/', ['x', 'y', 'z']), valueKey('n', '/', iterable)]);
    assert.deepEqual(count, { begun: 3, ended: 3 });
  });

  it('ends what it began when it is closed early', () => {
    const [outer, inner] = [lazily(['1', '2']), lazily(['1', '2'])];
    for (const _ of product([valueKey('a', '/', outer.iterable), valueKey('b', '/', inner.iterable)])) break;
    assert.deepEqual(
      [outer.count, inner.count],
      [
        { begun: 1, ended: 1 },
        { begun: 1, ended: 1 },
      ],
    );
  });

  it('passes on what a key throws, and ends the others', () => {
    const outer = lazily(['1']);
    const broken = {
      [Symbol.iterator]: (): Iterator<string> => ({
        next() {
          throw new Error('no more values');
        },
      }),
    };
    const keys = [valueKey('a', '/', outer.iterable), valueKey('b', '/', broken)];
    assert.throws(() => texts(keys), /no more values/);
    assert.equal(outer.count.ended, 1);
  });

  it('says which key holds something else than strings', () => {
    const values: Iterable<string> = JSON.parse('["a", 5]');
    assert.throws(
      () => texts([valueKey('n', '/', values)]),
      /keys\.n: its values hold a number; expected strings only/,
    );
  });

  it('makes a million combinations', () => {
    const thousand = Array.from({ length: 1000 }, (_, i) => `f${i}`);
    let count = 0;
    for (const { entries } of product([pathKey('a', '/', thousand), pathKey('b', '/', thousand)]))
      count += entries.length;
    assert.equal(count, 2_000_000);
  });
});
