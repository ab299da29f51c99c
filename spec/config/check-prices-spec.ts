import assert from 'node:assert/strict';
import { checkPrices } from '../../lib/config/check-prices.js';

describe('checkPrices', () => {
  it('takes prices by model', () => {
    const prices = {
      'gpt-5.5': { input: 1.25, cachedInput: 0.125, output: 10 },
      free: { input: 0, cacheWrite: 0, output: 0 },
    };
    assert.deepEqual(checkPrices(prices), { prices, issues: [] });
  });

  it('takes none for none', () => {
    assert.deepEqual(checkPrices(undefined), { prices: {}, issues: [] });
  });

  const mistakes: [what: string, raw: unknown, ...messages: string[]][] = [
    ['a list', [], 'prices: expected an object {model: {input, output}}, got a list'],
    ['a lone number', { m: 3 }, 'prices.m: expected an object, got 3 (number)'],
    ['a missing price', { m: { input: 1 } }, 'prices.m.output: is missing; expected a number'],
    [
      'a text for a price',
      { m: { input: '$1', output: 2 } },
      'prices.m.input: expected a number, got "$1" (string)',
    ],
    [
      'a negative price',
      { m: { input: 1, output: -2 } },
      'prices.m.output: expected a number from 0 up, got -2 (number)',
    ],
    [
      'several mistakes',
      { m: { input: 1, output: 2, cachedinput: 3 }, n: null },
      'prices.m.cachedinput: unknown field; did you mean "cachedInput"?',
      'prices.n: expected an object, got null',
    ],
  ];
  for (const [what, raw, ...messages] of mistakes) {
    it(`explains ${what}`, () => {
      const { issues } = checkPrices(raw);
      assert.deepEqual(
        issues.map(({ where, message }) => `${where}: ${message}`),
        messages,
      );
    });
  }

  it('leaves out what is wrong', () => {
    const { prices } = checkPrices({ good: { input: 1, output: 2 }, bad: { input: 1 } });
    assert.deepEqual(Object.keys(prices), ['good']);
  });
});
