import assert from 'node:assert/strict';
import { arrayMistakes, pathInSchema, sentSchema, unwrapped } from '../../lib/steps/answer-schema.js';

const list = { type: 'array', items: { type: 'string' } };

describe('the schema of an answer', () => {
  it('is sent as it is where its root is an object', () => {
    const schema = { type: 'object', properties: { answer: list } };
    assert.equal(sentSchema(schema), schema);
    assert.equal(unwrapped('{"answer":[]}', schema), '{"answer":[]}');
  });

  it('is sent with its definitions at the root, and its references to where things stand then', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://example.com/tree',
      type: 'array',
      items: { anyOf: [{ $ref: '#' }, { $ref: '#/$defs/leaf' }, { $ref: '#/items' }] },
      $defs: { leaf: { anyOf: [{ type: 'string' }, { $ref: '#' }] } },
    };
    assert.deepEqual(sentSchema(schema), {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        answer: {
          type: 'array',
          items: {
            anyOf: [
              { $ref: '#/properties/answer' },
              { $ref: '#/$defs/leaf' },
              { $ref: '#/properties/answer/items' },
            ],
          },
        },
      },
      required: ['answer'],
      additionalProperties: false,
      $defs: { leaf: { anyOf: [{ type: 'string' }, { $ref: '#/properties/answer' }] } },
    });
  });

  const answers: readonly [string, string, string][] = [
    ['the object around it', ' {\n "answer" : [1, 2.50] }\n', '[1, 2.50]'],
    ['no object, where there is none', '["a"]', '["a"]'],
    ['half an object as it is', '{"answer": [1', '{"answer": [1'],
    ['braces of its own', '{"answer":[{"a":{}}]}', '[{"a":{}}]'],
  ];
  for (const [what, answer, output] of answers) {
    it(`takes away ${what}`, () => assert.equal(unwrapped(answer, list), output));
  }

  it('has the paths that the step has', () => {
    assert.equal(pathInSchema('properties.answer.items', list), 'items');
    assert.equal(pathInSchema('properties.answer', list), '');
    assert.equal(pathInSchema('$defs.leaf', list), '$defs.leaf');
    assert.equal(pathInSchema('properties.a', { type: 'object' }), 'properties.a');
  });

  const wanted: readonly [object, boolean][] = [
    [list, true],
    [{ type: ['array', 'null'] }, true],
    [{ anyOf: [list] }, true],
    [{ type: 'object', properties: { list } }, false],
    [{ properties: { list } }, false],
    [{ type: 'string' }, false],
  ];
  for (const [schema, fits] of wanted) {
    it(`${fits ? 'takes' : 'refuses'} ${JSON.stringify(schema)} where the output makes branches`, () => {
      const found = arrayMistakes({ type: 'openai', array: true, schema: { ...schema } });
      assert.deepEqual(
        found.map(({ field }) => field),
        fits ? [] : ['schema'],
      );
      assert.deepEqual(arrayMistakes({ type: 'openai', schema: { ...schema } }), []);
    });
  }
});
