import assert from 'node:assert/strict';
import { Lines } from '../../../lib/steps/codex/lines.js';

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const seen: string[] = [];
  const lines = new Lines((line) => seen.push(line));
  for (const chunk of chunks) lines.add(Buffer.from(chunk));
  lines.end();
  return seen;
}

describe('Lines', () => {
  it('puts a line together from several chunks', () => {
    assert.deepEqual(linesOf('a', 'b\nc', 'd\n', 'e\nf\n'), ['ab', 'cd', 'e', 'f']);
  });

  it('keeps a character whole that was cut by a chunk', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é\n').subarray(1)];
    assert.deepEqual(linesOf(first, second), ['é']);
  });

  it('shows a last line without a newline, and no empty ones', () => {
    assert.deepEqual(linesOf('\n\na\n\nb'), ['a', 'b']);
    assert.deepEqual(linesOf(), []);
  });

  it('skips a line that is too long for memory, and goes on after it', () => {
    const megabyte = Buffer.alloc(2 ** 20, 'x');
    assert.deepEqual(linesOf('a\n', ...Array.from({ length: 17 }, () => megabyte), '\nb\n'), ['a', 'b']);
  });
});
