import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Places } from '../../lib/store/places.js';

describe('Places', () => {
  it('has what was put in last, far apart or close together', () => {
    const place = fc.oneof(fc.nat(100), fc.nat(100_000), fc.nat({ max: 2 ** 50 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.boolean())), (changes) => {
        const places = new Places();
        for (const [at, isIn] of changes) places.set(at, isIn);
        for (const [at, isIn] of new Map(changes)) assert.equal(places.has(at), isIn);
      }),
    );
  });

  it('has nothing at first', () => {
    assert.equal(new Places().has(0), false);
  });
});
