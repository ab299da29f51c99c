import assert from 'node:assert/strict';
import { fitting } from '../../lib/simulate/answer.js';
import { compileSchema } from '../../lib/util/json-schema.js';

const closed = { type: 'object', additionalProperties: false };

describe('fitting', () => {
  const schemas: readonly [string, object][] = [
    [
      'strings and numbers',
      { ...closed, properties: { a: { type: 'string' }, n: { type: 'integer' } }, required: ['a', 'n'] },
    ],
    ['optional properties', { ...closed, properties: { a: { type: 'string' }, n: { type: 'number' } } }],
    [
      'patterns and formats',
      {
        ...closed,
        properties: {
          p: { type: 'string', pattern: '^[A-Z]{3}-\\d+$' },
          d: { type: 'string', format: 'date' },
        },
        required: ['p', 'd'],
      },
    ],
    ['short strings', { ...closed, properties: { s: { type: 'string', maxLength: 3 } }, required: ['s'] }],
    [
      'choices',
      { ...closed, properties: { c: { enum: ['x', 'y'] }, k: { const: 1 } }, required: ['c', 'k'] },
    ],
    ['unique items', { type: 'array', items: { type: 'string' }, minItems: 3, uniqueItems: true }],
    ['multiples', { type: 'number', multipleOf: 0.5, minimum: 0, maximum: 9 }],
    ['null or text', { ...closed, properties: { s: { type: ['string', 'null'] } }, required: ['s'] }],
    [
      'alternatives',
      { oneOf: [{ ...closed, properties: { k: { const: 'a' } }, required: ['k'] }, { type: 'string' }] },
    ],
    [
      'draft-07 definitions',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        ...closed,
        properties: { a: { $ref: '#/definitions/b' } },
        required: ['a'],
        definitions: { b: { type: 'boolean' } },
      },
    ],
    [
      'a tree',
      {
        ...closed,
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
        required: ['name', 'children'],
      },
    ],
    [
      'a list with an end',
      { ...closed, properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, required: ['next'] },
    ],
    ['anything', {}],
  ];
  for (const [title, schema] of schemas) {
    it(`fits ${title}, the same for the same seed`, async () => {
      const misfit = await compileSchema(schema);
      for (const seed of [1, 77, 4_000_000_000]) {
        const text = (await fitting(schema))(seed);
        assert.ok(text !== null, 'nothing found');
        assert.equal(misfit(JSON.parse(text)), null, text);
        assert.equal((await fitting(schema))(seed), text);
      }
    });
  }

  it('labels the texts that the schema leaves free', async () => {
    const schema = {
      ...closed,
      properties: { free: { type: 'string' }, kind: { enum: ['a'] } },
      required: ['free', 'kind'],
    };
    const { free, kind } = JSON.parse((await fitting(schema))(5) ?? '');
    assert.match(free, /^\[simulated\] \w/);
    assert.equal(kind, 'a');
  });

  it('says null where no value can fit', async () => {
    assert.equal((await fitting({ type: 'string', minLength: 2, maxLength: 1 }))(5), null);
  });
});
