import assert from 'node:assert/strict';
import { formatDuration, formatMs } from '../../lib/progress/durations.js';

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

describe('formatMs', () => {
  const calls: [number, string][] = [
    [0.4, '0ms'],
    [812, '812ms'],
    [999.6, '1.0s'],
    [1449, '1.4s'],
    [59_949, '59.9s'],
    [59_951, '1m'],
    [185_000, '3m'],
  ];
  for (const [ms, text] of calls) {
    it(`shows ${ms} as ${text}`, () => {
      assert.equal(formatMs(ms), text);
    });
  }
});
