import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StepFailure } from '../../lib/errors.js';
import { elementsOf } from '../../lib/visit/elements.js';

describe('elementsOf', () => {
  const rows: [title: string, output: string, elements: string[]][] = [
    ['strings as they are', '["a","b c"]', ['a', 'b c']],
    [
      'numbers and objects as they stand there',
      '[1610521604143693812, {"n": 1.0,"10":1e400,"2":[9007199254740993]}]',
      ['1610521604143693812', '{"n": 1.0,"10":1e400,"2":[9007199254740993]}'],
    ],
    ['elements behind a byte order mark', '\ufeff["a",1]\r\n', ['a', '1']],
    ['other values as JSON', '[1,null,{"a":[2]},[3]]', ['1', 'null', '{"a":[2]}', '[3]']],
    ['nothing of an empty array', ' [] ', []],
    ['an array in a code fence', '```json\n["a"]\n```', ['a']],
    ['an array in a fence without a language', '\n```\n["a"]```\n', ['a']],
    ['strings that hold fences', '["```"]', ['```']],
  ];
  for (const [title, output, elements] of rows) {
    it(`takes ${title}`, () => assert.deepEqual(elementsOf(output), elements));
  }

  for (const output of ['', 'no list', '{"a":1}', '"a"', '[1,', 'Here it is:\n```json\n["a"]\n```']) {
    it(`refuses ${JSON.stringify(output)}`, () => {
      assert.throws(
        () => elementsOf(output),
        (error) =>
          error instanceof StepFailure &&
          error.kind === 'bad_output' &&
          error.retryable === true &&
          /expected a JSON array/.test(error.message),
      );
    });
  }

  it('gives back any strings', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (strings) => {
        assert.deepEqual(elementsOf(JSON.stringify(strings)), strings);
      }),
    );
  });

  for (const [title, output, message] of [
    [
      'more elements than a flow can have branches',
      `[${'1,'.repeat(100_000)}1]`,
      'the JSON array has 100001 elements; at most 100000 can become branches',
    ],
    [
      '100,000 brackets',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'the JSON array is nested deeper than the 1000 levels that can become branches',
    ],
  ] as const)
    it(`refuses ${title}`, () => {
      assert.throws(() => elementsOf(output), { kind: 'bad_output', message });
    });
});
