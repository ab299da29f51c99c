import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonError } from '../../lib/config/json-error.js';

describe('jsonError', () => {
  const rows: [string, string, number, string][] = [
    ['a comma too many', '[1, 2, ]', 5, 'a comma before the closing ]; remove it'],
    ['a comma before }', '{"a": 1,\n}', 7, 'a comma before the closing }; remove it'],
    ['a comma too few', '[1 2]', 3, 'expected "," or "]", found "2"'],
    ['a comma too few in an object', '{"a": 1 "b": 2}', 8, 'expected "," or "}", found "\\""'],
    ['a comment', '// x\n[]', 0, 'JSON has no comments; leave it out'],
    ['a comment after a value', '[1, # one\n2]', 4, 'JSON has no comments; leave it out'],
    ['single quotes', "['a']", 1, 'texts and field names need double quotes'],
    ['a bare field name', '{a: 1}', 1, 'expected a field name in double quotes, found "a"'],
    ['a missing colon', '{"a" 1}', 5, 'expected ":", found "1"'],
    [
      'a line break in a string',
      '["a\nb"]',
      1,
      'the text has no closing quote on its line; a line break in it is written \\n, a tab \\t',
    ],
    ['a bad escape', '["a\\x"]', 3, "\\x isn't an escape; in double quotes a backslash is written \\\\"],
    ['an escaped placeholder', '["\\\\ \\{{{a}}}"]', 5, 'in double quotes a literal {{{ is written \\\\{{{'],
    ['text after the end', '[] x', 3, 'expected the end of the file, found "x"'],
    [
      'JSONL',
      '{"a": 1}\n{"a": 2}\n',
      9,
      'a second value follows the first, as in JSONL; a config is one list of steps: [ …, … ]',
    ],
    ['an early end', '[{"a": [1, 2', 12, 'expected "," or "]", found the end'],
    ['nothing', ' ', 1, 'expected a value, found the end'],
    ['a bad number', '[01]', 1, 'expected a value, found "0"'],
    ['a bad word', '[nul]', 1, 'expected a value, found "n"'],
    ['a word of another language', '{"share": True}', 10, 'True is written true'],
  ];
  for (const [title, text, position, message] of rows) {
    it(`finds ${title}`, () => assert.deepEqual(jsonError(text), { position, message }));
  }

  it('finds something exactly when JSON.parse does', () => {
    const pieces = fc.constantFrom(
      ...'[]{},:"\\ \n',
      '1',
      '-',
      '.5',
      'e3',
      'true',
      'null',
      '"a"',
      '\\u00e9',
      '\x7f',
      '\u0001',
      'é',
    );
    const mutated = fc
      .tuple(fc.json(), fc.nat(), pieces)
      .map(
        ([json, at, piece]) =>
          json.slice(0, at % (json.length + 1)) + piece + json.slice(at % (json.length + 1)),
      );
    const texts = fc.oneof(
      fc.json(),
      mutated,
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        assert.equal(jsonError(text) === null, isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
