import assert from 'node:assert/strict';
import { formatDuration } from '../../lib/statistics/durations.js';

describe('formatDuration', () => {
  const durations: [number, string][] = [
    [0, '0s'],
    [1, '1s'],
    [59_000, '59s'],
    [59_001, '1m'],
    [185_000, '3m'],
    [3_599_000, '1h'],
    [3_600_000, '1h'],
    [7_800_000, '2h 10m'],
    [86_400_000, '1d'],
    [360_000_000, '4d 4h'],
  ];
  for (const [ms, text] of durations) {
    it(`shows ${ms} as ${text}`, () => {
      assert.equal(formatDuration(ms), text);
    });
  }
});
