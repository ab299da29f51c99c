import assert from 'node:assert/strict';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { LineReader } from '../../lib/store/line-reader.js';
import { folderWith } from '../helpers/folder.js';

function reading(file: string, test: (textAt: (offset: number) => string | undefined) => void): void {
  const fd = openSync(file, 'a+');
  const reader = new LineReader(fd);
  try {
    test((offset) => reader.lineAt(offset)?.toString());
  } finally {
    closeSync(fd);
  }
}

describe('LineReader', () => {
  it('reads lines of any length, in any order', () => {
    const lengths = fc.array(fc.oneof(fc.nat(50), fc.nat(70_000), fc.constant(2 ** 16 - 1)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(lengths, fc.infiniteStream(fc.nat()), (lengths, places) => {
        const lines = lengths.map((length, n) => `${n}:${'x'.repeat(length)}`);
        const offsets: number[] = [];
        let end = 0;
        for (const line of lines) {
          offsets.push(end);
          end += line.length + 1;
        }
        const folder = folderWith({ lines: lines.map((line) => `${line}\n`).join('') });
        reading(join(folder, 'lines'), (textAt) => {
          for (const place of lines.length > 0 ? places.take(300) : []) {
            const n = place % lines.length;
            assert.equal(textAt(offsets[n] ?? 0), lines[n]);
          }
          assert.equal(textAt(end), undefined);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('sees what is appended after it has looked', () => {
    const file = join(folderWith({ lines: 'one\ntw' }), 'lines');
    reading(file, (textAt) => {
      assert.equal(textAt(0), 'one');
      assert.equal(textAt(4), undefined);
      appendFileSync(file, 'o\nthree\n');
      assert.equal(textAt(4), 'two');
      assert.equal(textAt(8), 'three');
    });
  });
});
