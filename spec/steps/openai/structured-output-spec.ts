import assert from 'node:assert/strict';
import { StepFailure } from '../../../lib/errors.js';
import { openaiCalls } from '../../helpers/openai-calls.js';

describe('openai: structured output', () => {
  const { llm, create, ask, sent } = openaiCalls();

  const schema = {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
    additionalProperties: false,
  };

  it('asks the Responses API for it, strictly where the schema allows', async () => {
    llm.reply({ text: '{"n":1}' });
    const { outcome } = await ask({ schema, request: { text: { verbosity: 'low' } } });
    assert.equal(outcome, '{"n":1}');
    const format = { type: 'json_schema', name: 'answer', schema, strict: true };
    assert.deepEqual(sent().text, { verbosity: 'low', format });
  });

  it('asks Chat Completions for it', async () => {
    llm.reply({ text: '{"n":1}' });
    const open = { ...schema, additionalProperties: true };
    assert.equal((await ask({ schema: open, api: 'chat' })).outcome, '{"n":1}');
    const json_schema = { name: 'answer', schema: open, strict: false };
    assert.deepEqual(sent().response_format, { type: 'json_schema', json_schema });
  });

  for (const api of ['responses', 'chat'] as const) {
    it(`takes JSON in a code fence, and leaves the fence out (${api})`, async () => {
      llm.reply({ text: '```json\n{"n": 1}\n```\n' });
      assert.equal((await ask({ schema, api })).outcome, '{"n": 1}');
    });
  }

  const list = { type: 'array', items: { type: 'integer' } };

  it('puts an object around a schema that has none at its root, and takes it away digit for digit', async () => {
    llm.reply({ text: '{ "answer": [1234567890123456789, 2] }' });
    assert.equal((await ask({ schema: list, array: true })).outcome, '[1234567890123456789, 2]');
    const { schema: asked, strict } = sent().text.format;
    assert.deepEqual([asked.type, asked.properties, strict], ['object', { answer: list }, true]);
  });

  it('takes the list itself from a server that keeps to no schema', async () => {
    llm.reply({ text: '```\n[1]\n```' });
    assert.equal((await ask({ schema: list, api: 'chat' })).outcome, '[1]');
  });

  it('leaves a schema with an object at its root as it is, whatever its properties', async () => {
    const own = { ...schema, properties: { answer: { type: 'integer' } }, required: ['answer'] };
    llm.reply({ text: '{"answer":1}' });
    assert.equal((await ask({ schema: own })).outcome, '{"answer":1}');
    assert.deepEqual(sent().text.format.schema, own);
  });

  it('fails a list whose elements do not fit', async () => {
    llm.reply({ text: '{"answer":["one"]}' });
    assert.match(String((await ask({ schema: list })).outcome), /\/0 must be integer$/);
  });

  const bad: readonly [string, string, RegExp][] = [
    ['is no JSON', 'n = 1', /^the answer isn't valid JSON: Unexpected token/],
    ["doesn't fit", '{"n":"one"}', /^the answer doesn't fit the schema: \/n must be integer$/],
  ];
  for (const [title, text, message] of bad) {
    it(`fails an answer that ${title}, and still tells what it cost`, async () => {
      llm.reply({ text, usage: { input_tokens: 3, output_tokens: 4 } });
      const { outcome, facts } = await ask({ schema });
      assert.ok(outcome instanceof StepFailure);
      assert.equal(outcome.kind, 'bad_output');
      assert.match(outcome.message, message);
      assert.equal(facts.usage?.outputTokens, 4);
    });
  }

  it('rejects a schema that is none, before anything is called', async () => {
    await assert.rejects(create({ schema: { type: 'objct' } }), {
      name: 'ConfigError',
      message: /^steps\[0\]\.schema: invalid JSON Schema: schema is invalid/,
    });
  });
});
