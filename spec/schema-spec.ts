import assert from 'node:assert/strict';
import { compileSchema } from '../lib/schema.js';

describe('compileSchema', () => {
  const person = {
    type: 'object',
    properties: { name: { type: 'string' }, mood: { enum: ['good', 'bad'] } },
    required: ['name'],
    additionalProperties: false,
  };
  const rows: readonly [string, object, unknown, string | null][] = [
    ['a value that fits', person, { name: 'a' }, null],
    ['a missing property', person, {}, "the answer must have required property 'name'"],
    ['a wrong type', person, { name: 1 }, '/name must be string'],
    ['a further property', person, { name: '', x: 1 }, 'the answer must NOT have additional properties (x)'],
    [
      'a value that is no choice',
      person,
      { name: '', mood: 'so' },
      '/mood must be equal to one of the allowed values: ["good","bad"]',
    ],
    ['formats, which are hints', { type: 'string', format: 'email' }, 'no mail', null],
    ['keywords that are no JSON Schema', { type: 'string', 'x-note': 1 }, 'a', null],
    ['2020-12 without $schema', { prefixItems: [{ type: 'string' }] }, [1], '/0 must be string'],
    [
      'draft-07',
      { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] },
      [1],
      '/0 must be string',
    ],
  ];
  for (const [title, schema, value, misfit] of rows) {
    it(`judges ${title}`, async () => {
      assert.equal((await compileSchema(schema))(value), misfit);
    });
  }

  const wrong: readonly [string, object, RegExp][] = [
    ['an unknown type', { type: 'strng' }, /schema is invalid/],
    ['a reference to nowhere', { $ref: '#/$defs/x' }, /can't resolve reference/],
    ['a reference to the network', { $ref: 'https://example.com/x.json' }, /can't resolve reference/],
  ];
  for (const [title, schema, message] of wrong) {
    it(`rejects a schema with ${title}`, () => assert.rejects(compileSchema(schema), message));
  }
});
