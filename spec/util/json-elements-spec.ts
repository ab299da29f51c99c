import assert from 'node:assert/strict';
import fc from 'fast-check';
import { elementTexts } from '../../lib/util/json-elements.js';

describe('elementTexts', () => {
  const rows: [title: string, json: string, texts: string[]][] = [
    [
      'numbers with their digits',
      '[1610521604143693812, 1.0,1e400 , -0]',
      ['1610521604143693812', '1.0', '1e400', '-0'],
    ],
    [
      'objects with their order, their spaces and all of their keys',
      '[ {"10":1, "2":2,"2":3} ]',
      ['{"10":1, "2":2,"2":3}'],
    ],
    [
      'strings with their escapes',
      '["\\u00e9\\/", "a\\\\", ",]\\"["]',
      ['"\\u00e9\\/"', '"a\\\\"', '",]\\"["'],
    ],
    ['lists in lists', '[[1,[2]],[]]', ['[1,[2]]', '[]']],
    ['nothing of an empty list', ' [\n] ', []],
  ];
  for (const [title, json, texts] of rows) {
    it(`are ${title}`, () => assert.deepEqual(elementTexts(json), texts));
  }

  it('stand for the values that JSON.parse finds', () => {
    const values = fc.array(fc.jsonValue());
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t'), (list, space) => {
        const json = JSON.stringify(list, null, space);
        assert.deepEqual(
          elementTexts(json).map((text) => JSON.parse(text)),
          JSON.parse(json),
        );
      }),
    );
  });
});
