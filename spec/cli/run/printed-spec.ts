import assert from 'node:assert/strict';
import { type Print, printed } from '../../../lib/cli/run/printed.js';
import type { ResultRecord } from '../../../lib/index.js';

const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
const step = { name: 'big', type: 'module', status: 'done', startedAt: '', ms: 1, attempts: 2 } as const;

function done(output: string, path: string | null = null): ResultRecord {
  return {
    flow: 'f',
    index: 0,
    inputs: {},
    status: 'done',
    output,
    path,
    steps: [step],
    ms: 1,
    usage,
    costUsd: 0,
    error: null,
  };
}

describe('printed', () => {
  const failed: ResultRecord = { ...done(''), status: 'failed', output: null };
  const rows: [string, ResultRecord, Print, string | null][] = [
    ['a record', done('x\n'), 'ndjson', `${JSON.stringify(done('x\n'))}\n`],
    [
      'one line, whatever a reader takes for the end of one',
      done('a\u0085b\u2028c\u2029d'),
      'ndjson',
      `${JSON.stringify(done('#')).replace('#', 'a\\u0085b\\u2028c\\u2029d')}\n`,
    ],
    ['an output, ended by one newline', done('a\n\nb\n\n'), 'output', 'a\n\nb\n'],
    ['nothing of a failed flow', failed, 'output', null],
    ['a path', done('x', 'generated/a'), 'path', 'generated/a\n'],
  ];
  for (const [what, record, as, text] of rows) {
    it(`is ${what}`, () => assert.deepEqual(printed(record, as), { record, text }));
  }

  // Each of these characters takes six in JSON: together they are more than one text can hold.
  const tooMuch = '\u0001'.repeat(90_000_000);

  it('is a failure where an output is too big for a line', () => {
    const { record, text } = printed(done(tooMuch, 'generated/a'), 'ndjson');
    assert.deepEqual([record.status, record.output, record.path], ['failed', null, null]);
    assert.deepEqual(record.error, {
      step: 'big',
      type: 'module',
      kind: 'bad_output',
      message: 'the output of big (90000000 characters) is too big for a line',
      hint: 'Have the step write to a file and return its path.',
      attempts: 2,
    });
    assert.equal(text, `${JSON.stringify(record)}\n`);
  });

  it('is still a failure where its message is too big', () => {
    const error = { step: 'big', type: 'module', kind: 'operator', message: tooMuch, attempts: 1 } as const;
    const { record } = printed({ ...failed, error }, 'ndjson');
    assert.deepEqual([record.error?.kind, record.error?.step], ['bad_output', 'big']);
    assert.equal(record.error?.message, "its error's message is too big for a line");
  });
});
