import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Quantiles } from '../../lib/progress/quantiles.js';

function of(values: Iterable<number>): Quantiles {
  const quantiles = new Quantiles();
  for (const value of values) quantiles.add(value);
  return quantiles;
}

describe('Quantiles', () => {
  it('are absent without values', () => {
    assert.equal(new Quantiles().at(0.5), null);
  });

  it('are the value that there is', () => {
    const one = of([812]);
    for (const q of [0, 0.5, 1]) assert.ok(Math.abs((one.at(q) ?? 0) / 812 - 1) <= 0.011, `${one.at(q)}`);
  });

  it('are within 1 % of the exact ones', () => {
    const values = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.constantFrom(0.5, 0.95, 1), (values, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
        const found = of(values).at(q) ?? 0;
        assert.ok(Math.abs(found / exact - 1) <= 0.011, `${found} for ${exact}`);
      }),
    );
  });

  it('take values below 1 for 0', () => {
    assert.equal(of([0, 0.2, 0.9, 5000]).at(0.5), 0);
  });

  it('are right for a million values', () => {
    const many = new Quantiles();
    for (let value = 0; value < 1_000_000; value++) many.add(value);
    assert.ok(Math.abs((many.at(0.95) ?? 0) / 950_000 - 1) <= 0.011);
  });
});
