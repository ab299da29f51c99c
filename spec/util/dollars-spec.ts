import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatUsd, sumUsd, toPico, toUsd } from '../../lib/util/dollars.js';

describe('dollars', () => {
  it('leave no dust when they are added', () => {
    assert.equal(sumUsd([0.1, 0.2]), 0.3);
    assert.equal(sumUsd(Array<number>(1000).fill(0.000795)), 0.795);
    assert.equal(sumUsd([]), 0);
  });

  it('are unknown as soon as a part of them is', () => {
    assert.equal(sumUsd([0.1, null, 0.2]), null);
  });

  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e15 }), (pico) => {
        assert.equal(toPico(toUsd(pico)), pico);
      }),
    );
  });

  const shown: [number, string][] = [
    [0, '$0.00'],
    [0.000795, '$0.0008'],
    [0.00079, '$0.00079'],
    [0.0096, '$0.0096'],
    [0.42, '$0.42'],
    [5, '$5.00'],
    [1234.5, '$1,234.50'],
  ];
  for (const [usd, text] of shown) {
    it(`shows ${usd} as ${text}`, () => {
      assert.equal(formatUsd(usd), text);
    });
  }
});
