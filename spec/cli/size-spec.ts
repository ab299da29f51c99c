import assert from 'node:assert/strict';
import { sizeText } from '../../lib/cli/size.js';

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
