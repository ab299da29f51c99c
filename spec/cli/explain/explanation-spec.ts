import assert from 'node:assert/strict';
import { PreviewTotals } from '../../../lib/cli/explain/explanation.js';
import type { Reason } from '../../../lib/preview/miss-reasons.js';
import type { StepPreview } from '../../../lib/preview/preview.js';

const seen = (verdict: StepPreview['verdict'], reason: Reason | null = null): StepPreview => ({
  place: 0,
  branch: [],
  verdict,
  reason,
});
const isNew = seen('runs', { because: 'new flow' });
const failed = seen('runs', { because: 'failed', kind: 'timeout', message: 'any' });
const open = seen('open', { because: 'earlier step', step: 'calm' });
const fails = seen('fails', { because: 'unreadable input', message: 'any' });

describe('OutlookTotals', () => {
  const rows: [StepPreview[], string][] = [
    [[], 'nothing to do'],
    [[seen('replayed'), seen('replayed')], '2 replayed'],
    [[isNew], '1 runs: new flow'],
    [[isNew, isNew], '2 run: new flows'],
    [
      [failed, isNew, seen('replayed'), isNew],
      '1 replayed, 3 run: 2 new flows, 1 failed last time (timeout)',
    ],
    [
      [seen('shared'), open, fails],
      "1 shared, 1 open: after calm, 1 fails: with an input that can't be read",
    ],
  ];
  for (const [foreseen, expected] of rows) {
    it(`says "${expected}"`, () => {
      const totals = new PreviewTotals(['draft']);
      for (const each of foreseen) totals.add([each]);
      assert.deepEqual(totals.lines(), [`draft: ${expected}`]);
    });
  }

  it('counts step by step', () => {
    const totals = new PreviewTotals(['a', 'b']);
    totals.add([isNew, { ...seen('replayed'), place: 1 }]);
    assert.deepEqual(totals.lines(), ['a: 1 runs: new flow', 'b: 1 replayed']);
  });
});
