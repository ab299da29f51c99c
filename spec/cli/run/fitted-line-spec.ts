import assert from 'node:assert/strict';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { FittedLine } from '../../../lib/cli/run/fitted-line.js';
import type { ProgressParts } from '../../../lib/progress/progress.js';

const fittedLine = (state: ProgressParts, columns: number) => new FittedLine().text(state, columns);

type Chain = readonly (readonly [name: string, flows: number])[];

function parts(chain: Chain, more: Partial<ProgressParts> = {}): ProgressParts {
  const steps = chain.map(([name, flows]) => ({ name, flows }));
  return { steps, finished: '39/200', remarks: [], spent: '', eta: '', waits: [], ...more };
}

/** Every text that a terminal shows as it is made narrower, column by column. */
function narrowed(state: ProgressParts, until = 1): string[] {
  const lines = new Set<string>();
  for (let columns = 200; columns >= until; columns--) lines.add(fittedLine(state, columns));
  return [...lines];
}

const more = {
  remarks: ['(14 kept)', '(3 failed)'],
  spent: '1.2M tok $0.42',
  eta: 'eta 3m',
  waits: ['openai waits 12 s (429)'],
};

describe('FittedLine', () => {
  it('gives up cost, zeros, idle names, time, busy names, waits and remarks, in this order', () => {
    const chain: Chain = [
      ['review-against', 0],
      ['codex', 0],
      ['summary', 3],
      ['last', 0],
    ];
    const counts = '39/200 (14 kept) (3 failed)';
    const waits = 'openai waits 12 s (429)';
    assert.deepEqual(narrowed(parts(chain, more), 23), [
      `review-against: 0 -> codex: 0 -> summary: 3 -> last: 0 | ${counts} | 1.2M tok $0.42 | eta 3m | ${waits}`,
      `review-against: 0 -> codex: 0 -> summary: 3 -> last: 0 | ${counts} | eta 3m | ${waits}`,
      `review-against … summary: 3 -> last | ${counts} | eta 3m | ${waits}`,
      ...['review-agai…', 'review-aga…', 'review-ag…', 'review-a…', 'review-…'].map(
        (name) => `${name} … summary: 3 -> last | ${counts} | eta 3m | ${waits}`,
      ),
      ...['review…', 'revie…', 'revi…', 'rev…'].map(
        (name) => `${name} … summary: 3 -> last | ${counts} | eta 3m | ${waits}`,
      ),
      `rev… … summary: 3 -> last | ${counts} | ${waits}`,
      `… summary: 3 … | ${counts} | ${waits}`,
      `… summ…: 3 … | ${counts} | ${waits}`,
      `… sum…: 3 … | ${counts} | ${waits}`,
      `… summary: 3 … | ${counts}`,
      `… summ…: 3 … | ${counts}`,
      `… sum…: 3 … | ${counts}`,
      ...['summary', 'summ…', 'sum…'].map((name) => `… ${name}: 3 … | 39/200`),
    ]);
  });

  const three = (draft: number, codex: number, summary: number): Chain => [
    ['draft', draft],
    ['codex', codex],
    ['summary', summary],
  ];
  const wide: Chain = [
    ['要約要約要約', 0],
    ['レビュー', 2],
  ];
  const rows: [what: string, columns: number, chain: Chain, line: string][] = [
    ['all but the cost', 79, three(0, 0, 3), 'draft: 0 -> codex: 0 -> summary: 3 | 39/200'],
    ['the step that works', 35, three(0, 0, 3), 'draft … summary: 3 | 39/200'],
    ['a step between others', 32, three(0, 2, 0), '… codex: 2 … | 39/200'],
    ['neighbours as such', 42, three(0, 2, 0), 'draft -> codex: 2 -> summary | 39/200'],
    ['where nothing works', 30, three(0, 0, 0), 'draft … summary | 39/200'],
    ['columns, not letters', 33, wide, '要約要… -> レビュー: 2 | 39/200'],
    ['columns, not letters', 24, wide, '… レビュー: 2 | 39/200'],
    ['every number', 39, three(1, 2, 3), '1 -> 2 -> 3 | 39/200'],
    ['as much as there is room for', 14, three(1, 2, 3), '1 ->… | 39/200'],
    ['as much as there is room for', 9, three(1, 2, 3), '39/200'],
  ];
  for (const [what, columns, chain, expected] of rows) {
    it(`shows ${what} on ${columns} columns`, () => {
      const spent = '1.2M tok $0.42 and more than there is room for';
      assert.equal(fittedLine(parts(chain, { spent }), columns), expected);
    });
  }

  it('never shows more columns than there are, nor less than how many flows have ended', () => {
    const name = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constantFrom('要約要約', 'fix'));
    const chain = fc.array(fc.tuple(name, fc.nat(3)), { maxLength: 12 });
    fc.assert(
      fc.property(chain, fc.integer({ min: 12, max: 120 }), fc.boolean(), (steps, columns, isFull) => {
        const line = fittedLine(parts(steps, isFull ? more : {}), columns);
        assert.ok(stringWidth(line) <= columns, line);
        assert.ok(line.includes('39/200'), line);
        const [first, ...others] = steps.filter(([, flows]) => flows > 0);
        if (first && others.length === 0 && columns >= 24) assert.ok(line.includes(`: ${first[1]}`), line);
      }),
    );
  });
});
