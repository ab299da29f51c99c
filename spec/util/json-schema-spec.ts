import assert from 'node:assert/strict';
import { compileSchema } from '../../lib/util/json-schema.js';

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
  const drafts = [
    'http://json-schema.org/draft-04/schema#',
    'http://json-schema.org/draft-06/schema#',
    'http://json-schema.org/draft-07/schema',
    'https://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema#',
  ];
  for (const $schema of drafts) {
    it(`judges by ${$schema}`, async () => {
      const misfit = await compileSchema({ $schema, ...person });
      assert.deepEqual([misfit({ name: 'a' }), misfit({ name: 1 })], [null, '/name must be string']);
    });
  }

  it('judges by the draft that is named, not by another', async () => {
    const schema = { minimum: 1, exclusiveMinimum: true };
    const misfit = await compileSchema({ $schema: 'http://json-schema.org/draft-04/schema#', ...schema });
    assert.equal(misfit(1), 'the answer must be > 1');
    await assert.rejects(compileSchema(schema), /schema is invalid/);
  });

  for (const [title, schema, value, misfit] of rows) {
    it(`judges ${title}`, async () => {
      assert.equal((await compileSchema(schema))(value), misfit);
    });
  }

  const wrong: readonly [string, object, RegExp][] = [
    [
      'a draft that is unknown',
      { $schema: 'http://json-schema.org/draft-03/schema#' },
      /^Error: the draft "http:\/\/json-schema.org\/draft-03\/schema#" can't be checked; use draft-04, draft-06/,
    ],
    ['an unknown type', { type: 'strng' }, /schema is invalid/],
    ['a reference to nowhere', { $ref: '#/$defs/x' }, /can't resolve reference/],
    ['a reference to the network', { $ref: 'https://example.com/x.json' }, /can't resolve reference/],
  ];
  for (const [title, schema, message] of wrong) {
    it(`rejects a schema with ${title}`, () => assert.rejects(compileSchema(schema), message));
  }

  it('rejects a schema that is too deep', () => {
    const deep = JSON.parse(`${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`);
    return assert.rejects(compileSchema(deep), { message: 'it is nested more than 200 levels deep' });
  });

  describe('patterns', () => {
    const patterns: readonly [string, string, string][] = [
      ['^(a+)+$', 'a'.repeat(100), `${'a'.repeat(100_000)}!`],
      ['^\\d{4}-\\d\\d$', '2026-11', '2026-1'],
      ['\\/x\\-y', 'a/x-y', 'a/x'],
      ['^\\p{Lu}', 'Äb', 'äb'],
      ['^[\\u0041-\\u0043]+$', 'ABC', 'D'],
      ['^(?<year>\\d+)$', '12', 'a'],
      ['^.$', '😀', 'ab'],
    ];
    for (const [pattern, fits, fails] of patterns)
      it(`${pattern} is matched in linear time`, async () => {
        const misfit = await compileSchema({ type: 'string', pattern });
        assert.equal(misfit(fits), null);
        assert.equal(misfit(fails), `the answer must match pattern "${pattern}"`);
      });

    it('of properties are, too', async () => {
      const patternProperties = { '^(a+)+$': { type: 'string' }, '^b': { type: 'number' } };
      const misfit = await compileSchema({ type: 'object', patternProperties, additionalProperties: false });
      assert.equal(misfit({ aa: 'x', b1: 2 }), null);
      assert.equal(misfit({ b1: 'x' }), '/b1 must be number');
      assert.match(misfit({ [`${'a'.repeat(1000)}!`]: '' }) ?? '', /must NOT have additional properties/);
    });

    for (const pattern of ['^(?!x)a', '(a)\\1'])
      it(`${pattern} can't be: the schema is refused`, () =>
        assert.rejects(compileSchema({ pattern }), /can't be matched in linear time \(.*RE2/));

    it('are not matched with a text without a bound', async () => {
      const misfit = await compileSchema({ pattern: '^(a+)+$' });
      assert.throws(() => misfit('a'.repeat(2 ** 20 + 1)), { kind: 'bad_output' });
    });
  });
});
