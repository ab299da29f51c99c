import assert from 'node:assert/strict';
import { limitsIn, retryAfterMs } from '../../../lib/steps/openai/headers.js';

function headersFor(unit: string, limit: string, remaining: string, reset: string): Headers {
  return new Headers({
    [`x-ratelimit-limit-${unit}`]: limit,
    [`x-ratelimit-remaining-${unit}`]: remaining,
    [`x-ratelimit-reset-${unit}`]: reset,
  });
}

describe('limitsIn', () => {
  const durations: [string, number][] = [
    ['1s', 1000],
    ['6m0s', 360_000],
    ['250ms', 250],
    ['8.64s', 8640],
    ['2m59.56s', 179_560],
    ['1h2m3s', 3_723_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['12', 12_000],
  ];
  for (const [reset, ms] of durations) {
    it(`reads ${reset}`, () => {
      const { requestLimit, tokenLimit } = limitsIn(headersFor('requests', '5000', '4999', reset));
      assert.deepEqual(
        { ...requestLimit, resetMs: Math.round(requestLimit?.resetMs ?? -1) },
        {
          limit: 5000,
          remaining: 4999,
          resetMs: ms,
        },
      );
      assert.equal(tokenLimit, undefined);
    });
  }

  it('reads the limit of tokens', () => {
    const { tokenLimit } = limitsIn(headersFor('tokens', '2000000', '0', '6m0s'));
    assert.deepEqual(tokenLimit, { limit: 2_000_000, remaining: 0, resetMs: 360_000 });
  });

  const nonsense: [string, string, string][] = [
    ['0', '0', '1s'],
    ['many', '5', '1s'],
    ['10', '-1', '1s'],
    ['10', '11', '1s'],
    ['10', '5', 'soon'],
    ['10', '5', '-1s'],
    ['10', '5', '1y'],
    ['10', '5', ''],
  ];
  for (const parts of nonsense) {
    it(`makes nothing of ${parts.join(', ')}`, () => {
      assert.deepEqual(limitsIn(headersFor('requests', ...parts)), {});
    });
  }

  it('makes nothing of headers that are missing', () => assert.deepEqual(limitsIn(new Headers()), {}));
});

const NOW = Date.parse('2026-11-22T10:00:00Z');

describe('retryAfterMs', () => {
  const rows: readonly [Record<string, string>, number | undefined][] = [
    [{}, undefined],
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '7' }, 7000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': 'tomorrow' }, undefined],
    [{ 'retry-after': 'never GMT' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '' }, undefined],
  ];
  for (const [headers, ms] of rows) {
    it(`reads ${JSON.stringify(headers)} as ${ms}`, () => {
      assert.equal(retryAfterMs(new Headers(headers), NOW), ms);
    });
  }
});
