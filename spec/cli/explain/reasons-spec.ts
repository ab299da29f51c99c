import assert from 'node:assert/strict';
import { reasonOfMany, reasonOfOne } from '../../../lib/cli/explain/reasons.js';
import { differences } from '../../../lib/preview/differences.js';
import type { Reason } from '../../../lib/preview/miss-reasons.js';

const changed = (before: object, after: object): Reason => ({
  because: 'changed definition',
  differences: differences({ ...before }, { ...after }),
});

describe('reasons', () => {
  const rows: [Reason, many: string, one: string][] = [
    [{ because: 'new flow' }, 'new flows', 'the flow is new'],
    [{ because: 'not begun' }, 'not begun before', "the flow hasn't begun before"],
    [
      {
        because: 'changed inputs',
        inputs: [
          { key: 'doc', path: 'a.md' },
          { key: 'rule', path: 'r.md' },
        ],
      },
      'with a changed {{{doc}}} and {{{rule}}}',
      'a.md ({{{doc}}}) and r.md ({{{rule}}}) changed',
    ],
    [
      { because: 'failed', kind: 'timeout', message: 'took too long' },
      'failed last time (timeout)',
      'it failed last time (timeout): took too long',
    ],
    [{ because: 'cancelled' }, 'cancelled last time', 'it was cancelled last time'],
    [{ because: 'not reached' }, 'not reached before', 'it never ran in this run'],
    [{ because: 'new step' }, 'as the step is new', 'the step is new'],
    [
      { because: 'changed inserts', names: ['{{{previous}}}'] },
      'with another {{{previous}}}',
      '{{{previous}}} changed',
    ],
    [{ because: 'result gone' }, 'with a missing result', "its result is missing from the run's folder"],
    [{ because: 'earlier step', step: 'draft' }, 'after draft', 'it builds on draft'],
    [{ because: 'elements', step: 'list' }, 'for the elements of list', 'it builds on the elements of list'],
    [
      { because: 'unrecognisable' },
      "that can't be recognised",
      'it cannot be recognised (an operator, or a function with unreadable source)',
    ],
    [
      { because: 'unreadable input', message: 'a.md vanished' },
      "with an input that can't be read",
      'a.md vanished',
    ],
  ];
  for (const [reason, many, one] of rows) {
    it(`says that it is "${reason.because}"`, () => {
      assert.equal(reasonOfMany(reason, 2), many);
      assert.equal(reasonOfOne(reason), one);
    });
  }

  const prompt = (words: string) => ({ prompt: [`${words} `, null] });
  const definitions: [what: string, before: object, after: object, expected: string][] = [
    ['a value', { model: 'a' }, { model: 'b' }, 'its options changed (model "a" -> "b")'],
    [
      'what was left out, or is now',
      { schema: null },
      { model: 'b' },
      'its options changed (model none -> "b")',
    ],
    [
      'a short prompt',
      prompt('Review'),
      prompt('Check'),
      'its options changed (prompt "Review …" -> "Check …")',
    ],
    ['only that a long one changed', prompt('x'.repeat(50)), prompt('y'), 'its options changed (prompt)'],
    [
      'a command',
      { words: [['wc'], ['-c', null]] },
      { words: [['wc'], ['-l', null]] },
      'its options changed (cmd "wc -c…" -> "wc -l…")',
    ],
    [
      'a parameter by its name',
      { request: { seed: 1, top_p: 1 } },
      { request: { seed: 2, top_p: 1 } },
      'its options changed (request.seed 1 -> 2)',
    ],
    [
      'files',
      { files: { 'a.sh': '1' }, inputs: { 'data/b.csv': '1' } },
      { files: { 'a.sh': '2' }, inputs: { 'data/b.csv': '2' } },
      'a file that it uses changed (a.sh, data/b.csv)',
    ],
    ['a module', { file: '1' }, { file: '2' }, 'a file that it uses changed (the module)'],
    ['the code of a function', { source: '1' }, { source: '2' }, 'its options changed (its function)'],
    [
      'where codex works',
      { files: { head: '1', changed: { 'a.ts': '1' }, untracked: { 'b.md': '1', 'c.md': '1' } } },
      { files: { head: '2', changed: {}, untracked: { 'b.md': '2', 'c.md': '1' } } },
      'a file that it uses changed (the commit, a.ts, b.md)',
    ],
    [
      'where codex works, if many files differ there',
      { files: { changed: '1', untracked: '1' } },
      { files: { changed: '2', untracked: '2' } },
      'a file that it uses changed (uncommitted changes, untracked files)',
    ],
    [
      'that nothing is kept',
      { env: '[redacted]' },
      { env: '[redacted]' },
      'its options changed, in values that are not kept',
    ],
  ];
  for (const [what, before, after, expected] of definitions) {
    it(`tells ${what}`, () => {
      assert.equal(reasonOfOne(changed(before, after)), expected);
      assert.equal(reasonOfMany(changed(before, after), 3), `as ${expected}`);
    });
  }
});
