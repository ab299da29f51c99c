import assert from 'node:assert/strict';
import { isStrict, strictIssue } from '../../lib/util/strict-schema.js';

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

describe('strictIssue', () => {
  const many = (count: number, more: object = text) =>
    closed(Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, more])));
  const nested = (levels: number): object => (levels === 0 ? text : closed({ a: nested(levels - 1) }));
  const words = (count: number, length: number) => ({
    enum: Array.from({ length: count }, (_, n) => String(n).padStart(length, 'x')),
  });

  const rows: readonly [string, object, string, RegExp][] = [
    [
      'an optional property deep inside',
      closed({ l: { type: 'array', items: closed({ a: text }, { required: [] }) } }),
      'properties.l.items',
      /a is missing/,
    ],
    [
      'a keyword in a choice',
      closed({ a: { anyOf: [text, { not: text }] } }),
      'properties.a.anyOf[1]',
      /`not` isn't allowed/,
    ],
    ['more than 5,000 properties', many(5001), '', /5000 properties/],
    ['objects in 11 levels', nested(11), '', /10 levels/],
    ['more than 1,000 values of enums', closed({ a: words(600, 3), b: words(600, 3) }), '', /1000 values/],
    ['a long enum of long values', closed({ a: words(251, 60) }), '', /15000 characters/],
    ['too many characters', closed({ a: { const: 'x'.repeat(120_000) } }), '', /120000 characters/],
  ];
  for (const [what, schema, path, message] of rows) {
    it(`finds ${what}`, () => {
      const issue = strictIssue({ ...schema });
      assert.equal(issue?.path, path);
      assert.match(issue.message, message);
    });
  }

  it('finds nothing at the limits', () => {
    for (const schema of [
      many(5000),
      nested(10),
      closed({ a: words(250, 70) }),
      closed({ a: { minLength: 1 } }),
    ])
      assert.equal(strictIssue({ ...schema }), null);
  });

  it('leaves strict mode out for what may be refused, and for bounds as draft-04 has them', () => {
    assert.ok(!isStrict(closed({ a: { minLength: 1 } })));
    assert.ok(!isStrict(closed({ a: { minimum: 1, exclusiveMinimum: true } })));
  });
});
