import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonError } from '../../lib/config/json-error.js';

describe('jsonError', () => {
  const rows: [string, string, number, string][] = [
    ['a comma too many', '[1, 2, ]', 7, 'a value'],
    ['a comma too few', '[1 2]', 3, '"," or "]"'],
    ['a comma too few in an object', '{"a": 1 "b": 2}', 8, '"," or "}"'],
    ['a comment', '// x\n[]', 0, 'a value'],
    ['single quotes', "['a']", 1, 'a value'],
    ['a bare field name', '{a: 1}', 1, 'a field name in double quotes'],
    ['a comma before }', '{"a": 1,}', 8, 'a field name in double quotes'],
    ['a missing colon', '{"a" 1}', 5, '":"'],
    ['a line break in a string', '["a\nb"]', 1, 'a string that ends on its line and has only valid escapes'],
    ['a bad escape', '["\\x"]', 1, 'a string that ends on its line and has only valid escapes'],
    ['text after the end', '[] x', 3, 'the end of the file'],
    ['an early end', '[{"a": [1, 2', 12, '"," or "]"'],
    ['nothing', ' ', 1, 'a value'],
    ['a bad number', '[01]', 1, 'a value'],
    ['a bad word', '[nul]', 1, 'a value'],
  ];
  for (const [title, text, position, expected] of rows) {
    it(`finds ${title}`, () => assert.deepEqual(jsonError(text), { position, expected }));
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
