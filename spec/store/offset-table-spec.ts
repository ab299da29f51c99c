import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hashOf, OffsetTable } from '../../lib/store/offset-table.js';

describe('OffsetTable', () => {
  it('finds the greatest offset that passes, whatever the hashes, as a Map of lists does', () => {
    const hash = fc.oneof(fc.nat(3), fc.nat(2 ** 31), fc.constant(2 ** 32 - 1));
    const offset = fc.oneof(fc.nat(50), fc.integer({ min: 2 ** 31, max: 2 ** 48 - 1 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(hash, offset)), (added) => {
        const table = new OffsetTable();
        for (const [hash, offset] of added) table.add(hash, offset);
        for (const [hash] of added) {
          const even = (offset: number) => (offset % 2 === 0 ? `at ${offset}` : undefined);
          const offsets = added
            .filter((each) => each[0] === hash && each[1] % 2 === 0)
            .map((each) => each[1]);
          const expected = offsets.length > 0 ? `at ${Math.max(...offsets)}` : undefined;
          assert.equal(table.last(hash, even), expected);
        }
        assert.deepEqual(
          [...table.offsets()],
          added.map(([, offset]) => offset).sort((a, b) => a - b),
        );
      }),
    );
  });

  it('grows', () => {
    const table = new OffsetTable();
    for (let n = 1; n <= 100_000; n++) table.add(hashOf(`text ${n}`), n);
    for (let n = 1; n <= 100_000; n++) {
      assert.equal(
        table.last(hashOf(`text ${n}`), (offset) => (offset === n ? offset : undefined)),
        n,
      );
    }
    assert.equal(
      table.last(hashOf('text 0'), () => undefined),
      undefined,
    );
  });
});

describe('hashOf', () => {
  it('spreads texts that differ little', () => {
    const count = 200_000;
    const hashes = new Set(Array.from({ length: count }, (_, n) => hashOf(`"n":${n},"branch":[${n % 7}]`)));
    assert.ok(hashes.size > count - 50, `${count - hashes.size} of ${count} collide`); // by chance: 5
  });
});
