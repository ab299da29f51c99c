import assert from 'node:assert/strict';
import { sizeText, table } from '../../lib/cli/table.js';

describe('table', () => {
  it('aligns columns: numbers on the right, all else on the left, nothing as a dash', () => {
    const rows = [
      ['first', 1, 'x'],
      ['2', 1000, null],
    ];
    assert.deepEqual(table(['RUN', 'DONE', 'CONFIG'], rows), [
      'RUN    DONE  CONFIG',
      'first     1  x',
      '2      1000  -',
    ]);
  });

  it('has nothing in its cells that a terminal would obey', () => {
    assert.deepEqual(table(['ENDED'], [['completed\u001b[2J\u001b]52;c;ZXZpbA==\u0007\u202e']]), [
      'ENDED',
      'completed',
    ]);
  });

  it('is its headings where there are no rows', () => {
    assert.deepEqual(table(['A', 'B'], []), ['A  B']);
  });
});

describe('sizeText', () => {
  const rows: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9870, '9.9 kB'],
    [15_916, '16 kB'],
    [1_533_556_701, '1.5 GB'],
    [2e15, '2000 TB'],
  ];
  for (const [bytes, text] of rows) it(`says ${text}`, () => assert.equal(sizeText(bytes), text));
});
