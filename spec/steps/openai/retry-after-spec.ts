import assert from 'node:assert/strict';
import { retryAfterMs } from '../../../lib/steps/openai/retry-after.js';

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
