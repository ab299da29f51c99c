import assert from 'node:assert/strict';
import OpenAI, { BadRequestError, InternalServerError, NotFoundError } from 'openai';
import { StepFailure } from '../../lib/errors.js';
import { startSimulation } from '../../lib/simulate/server.js';
import type { Simulation, SimulationOptions } from '../../lib/simulate/simulation.js';

const question = { model: 'm', instructions: 'Be kind.', input: 'How\nare you?', schema: null };
const { signal } = new AbortController();

describe('startSimulation', () => {
  let simulation: Simulation;

  afterEach(() => simulation.close());

  async function started(options?: SimulationOptions): Promise<OpenAI> {
    simulation = await startSimulation(options);
    return new OpenAI({ baseURL: simulation.baseUrl, apiKey: 'none', maxRetries: 0 });
  }

  it('answers through the Responses API, labelled, with usage and request id', async () => {
    const client = await started();
    const response = await client.responses.create({ model: 'm', input: 'What is up?' });
    assert.match(response.output_text, /^\[simulated m [0-9a-f]{8}\] What is up\?$/);
    assert.equal(response.status, 'completed');
    assert.equal(response.usage?.input_tokens, 3);
    assert.ok(response.usage.output_tokens > 0);
    assert.match(response._request_id ?? '', /^sim_/);
  });

  it('answers alike through Chat Completions, the Responses API and its function', async () => {
    const client = await started();
    const { model, instructions, input } = question;
    const messages = [
      { role: 'system' as const, content: instructions },
      { role: 'user' as const, content: input },
    ];
    const completion = await client.chat.completions.create({ model, messages });
    const response = await client.responses.create({ model, instructions, input });
    const { text } = await simulation.answer(question, signal);

    assert.match(text, /^\[simulated m [0-9a-f]{8}\] How are you\?$/);
    assert.equal(completion.choices[0]?.message.content, text);
    assert.equal(response.output_text, text);
  });

  it('quotes no more than the beginning of a long input', async () => {
    await started();
    const { text } = await simulation.answer({ ...question, input: '🙂 long '.repeat(10_000) }, signal);
    assert.ok(text.length < 150);
    assert.ok(text.endsWith('…'));
  });

  const others: readonly [string, object][] = [
    ['model', { model: 'other' }],
    ['instructions', { instructions: null }],
    ['input', { input: 'How?' }],
  ];
  for (const [what, change] of others) {
    it(`answers otherwise to another ${what}, and the same to the same`, async () => {
      await started();
      const first = await simulation.answer(question, signal);
      assert.notEqual((await simulation.answer({ ...question, ...change }, signal)).text, first.text);
      assert.deepEqual(await simulation.answer(question, signal), first);
    });
  }

  it('answers with JSON where a schema is given, through both APIs', async () => {
    const client = await started();
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    };
    const format = { name: 'answer', schema };
    const response = await client.responses.create({
      model: 'm',
      input: 'x',
      text: { format: { type: 'json_schema', ...format } },
    });
    const completion = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      response_format: { type: 'json_schema', json_schema: format },
    });
    assert.ok(Number.isInteger(JSON.parse(response.output_text).n));
    assert.equal(completion.choices[0]?.message.content, response.output_text);
  });

  const open = { type: 'object', properties: { a: { type: 'string' } } };
  const refused: readonly [string, object, boolean, RegExp][] = [
    ['a list at the root', { type: 'array', items: open }, false, /the root must have `type: object`/],
    ['no type at the root', { anyOf: [open] }, false, /the root must have `type: object`/],
    ['an open object, strictly', open, true, /the root: an object needs `additionalProperties: false`/],
  ];
  for (const [what, schema, strict, message] of refused) {
    it(`refuses a schema as OpenAI does: ${what}`, async () => {
      const client = await started();
      const asked = { name: 'answer', schema: { ...schema }, strict };
      const response = client.responses.create({
        model: 'm',
        input: 'x',
        text: { format: { type: 'json_schema', ...asked } },
      });
      const completion = client.chat.completions.create({
        model: 'm',
        messages: [{ role: 'user', content: 'x' }],
        response_format: { type: 'json_schema', json_schema: asked },
      });
      await assert.rejects(
        response,
        (error) => error instanceof BadRequestError && message.test(error.message),
      );
      await assert.rejects(
        completion,
        (error) => error instanceof BadRequestError && message.test(error.message),
      );
    });
  }

  it('names the tier where one is asked for, as OpenAI does', async () => {
    const client = await started();
    const tierOf = async (service_tier?: 'flex' | 'auto') =>
      (await client.responses.create({ model: 'm', input: 'x', ...(service_tier && { service_tier }) }))
        .service_tier;
    assert.deepEqual(
      [await tierOf('flex'), await tierOf('auto'), await tierOf()],
      ['flex', 'default', undefined],
    );
  });

  it('takes an open object where it is not asked to be strict', async () => {
    const client = await started();
    const format = { type: 'json_schema' as const, name: 'answer', schema: open };
    const { output_text } = await client.responses.create({ model: 'm', input: 'x', text: { format } });
    assert.equal(typeof JSON.parse(output_text), 'object');
  });

  it('fails the same requests each time, at about the rate asked for', async () => {
    const client = await started({ fail: 0.3 });
    const outcomes = () =>
      Promise.all(Array.from({ length: 200 }, (_, n) => failed(client, `question ${n}`)));
    const first = await outcomes();
    assert.deepEqual(await outcomes(), first);
    const failures = first.filter(Boolean).length;
    assert.ok(failures > 30 && failures < 90, `${failures} of 200 failed`);
  });

  it('fails with status 500 and a short retry-after-ms; its function with a server failure', async () => {
    const client = await started({ fail: 1 });
    await assert.rejects(client.responses.create({ model: 'm', input: 'x' }), (error) => {
      assert.ok(error instanceof InternalServerError);
      assert.equal(error.headers.get('retry-after-ms'), '1');
      return true;
    });
    await assert.rejects(simulation.answer(question, signal), (error) => {
      assert.ok(error instanceof StepFailure);
      assert.deepEqual(
        [error.kind, error.status, error.retryable, error.retryAfterMs],
        ['server', 500, true, 1],
      );
      return true;
    });
  });

  it('waits for its latency, not beyond an abort', async () => {
    await started({ latency: 30 });
    const begin = performance.now();
    await simulation.answer(question, signal);
    assert.ok(performance.now() - begin >= 29);
    await assert.rejects(simulation.answer(question, AbortSignal.abort()), { name: 'AbortError' });
  });

  it('knows no other path', async () => {
    const client = await started();
    await assert.rejects(client.models.list(), NotFoundError);
  });

  it('closes while a call waits for its latency', async () => {
    const client = await started({ latency: 60_000 });
    const call = client.responses.create({ model: 'm', input: 'x' });
    const refused = assert.rejects(call);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await simulation.close();
    await refused;
    simulation = await startSimulation();
  });

  async function failed(client: OpenAI, input: string): Promise<boolean> {
    return client.responses.create({ model: 'm', input }).then(
      () => false,
      () => true,
    );
  }
});
