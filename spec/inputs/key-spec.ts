import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { Repeats } from '../../lib/inputs/key.js';

describe('Repeats', () => {
  it('counts like a Map', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), (numbers) => {
        const repeats = new Repeats();
        const seen = new Map<number, number>();
        for (const number of numbers) {
          assert.equal(repeats.add(hash('sha256', String(number))), seen.get(number) ?? 0);
          seen.set(number, (seen.get(number) ?? 0) + 1);
        }
      }),
    );
  });

  it('keeps its counts while it grows', () => {
    const repeats = new Repeats();
    const hashes = Array.from({ length: 20_000 }, (_, i) => hash('sha256', String(i)));
    for (const round of [0, 1, 2]) for (const sha256 of hashes) assert.equal(repeats.add(sha256), round);
  });

  it('tells the hash of zeros from a free slot', () => {
    const repeats = new Repeats();
    assert.deepEqual([repeats.add('0'.repeat(64)), repeats.add('0'.repeat(64))], [0, 1]);
  });
});
