import assert from 'node:assert/strict';
import { StepFailure } from '../../../../lib/errors.js';
import { Lines } from '../../../../lib/steps/codex/turn/event.js';

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

  it('fails at a line that is too long, as soon as it is', () => {
    const megabyte = Buffer.alloc(2 ** 20, 'x');
    const most = ['a\n', ...Array.from({ length: 16 }, () => megabyte)];
    assert.deepEqual(
      linesOf(...most).map(({ length }) => length),
      [1, 2 ** 24],
    );
    const isTold = (error: unknown) =>
      error instanceof StepFailure &&
      error.kind === 'bad_output' &&
      error.message === 'codex wrote an event of more than 16 MiB';
    assert.throws(() => linesOf(...most, 'x'), isTold);
  });
});
