import assert from 'node:assert/strict';
import { isStrict } from '../../../lib/steps/openai/strict.js';

const closed = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const text = { type: 'string' };

describe('isStrict', () => {
  const rows: readonly [string, Record<string, unknown>, boolean][] = [
    ['a closed object that requires all', closed({ a: text, n: { type: ['number', 'null'] } }), true],
    [
      'closed objects within',
      closed({ a: closed({ b: text }), l: { type: 'array', items: closed({ c: text }) } }),
      true,
    ],
    [
      'definitions and alternatives',
      closed({ a: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'null' }] } }, { $defs: { b: closed({}) } }),
      true,
    ],
    ['a property called like an unknown keyword', closed({ allOf: text }), true],
    ['an open object', closed({ a: text }, { additionalProperties: true }), false],
    [
      'an object that says nothing of further properties',
      { type: 'object', properties: {}, required: [] },
      false,
    ],
    ['an optional property', closed({ a: text }, { required: [] }), false],
    [
      'an open object within',
      closed({ a: { type: 'object', properties: { b: text }, required: ['b'] } }),
      false,
    ],
    ['an open object in a list', closed({ l: { type: 'array', items: { type: 'object' } } }), false],
    ['an open object in a definition', closed({}, { $defs: { b: { type: 'object' } } }), false],
    ['a list as root', { type: 'array', items: text }, false],
    ['alternatives as root', closed({}, { anyOf: [closed({})] }), false],
    ['a keyword that strict mode refuses', closed({ a: { allOf: [text] } }), false],
    ['a schema that is true', closed({ a: true }), false],
  ];
  for (const [title, schema, strict] of rows) {
    it(`${strict ? 'accepts' : 'refuses'} ${title}`, () => assert.equal(isStrict(schema), strict));
  }
});
