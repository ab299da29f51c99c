import assert from 'node:assert/strict';
import { lastValueFrom, toArray } from 'rxjs';
import { type ResultRecord, run } from '../../../lib/index.js';
import { folderWith } from '../../helpers/folder.js';
import { type LlmServer, llmServer } from '../../helpers/llm-server.js';

const schema = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
  additionalProperties: false,
};

describe('openai: an answer that is rejected', () => {
  let llm: LlmServer;

  beforeEach(async () => {
    llm = await llmServer();
  });
  afterEach(() => llm.stop());

  async function recordOf(step: object): Promise<ResultRecord | undefined> {
    const { results$ } = run({
      steps: [{ type: 'openai', prompt: 'Count them.', baseUrl: llm.baseUrl, ...step }],
      generated: folderWith({}),
      env: {},
    });
    const [record] = await lastValueFrom(results$.pipe(toArray()));
    return record;
  }

  const prompts = (field = 'input') => llm.requests.map(({ body }) => JSON.parse(body)[field]);

  it('is asked for again, with what was wrong with it, and both are paid for', async () => {
    llm.reply({ text: '{"n":"one"}', usage: { input_tokens: 10, output_tokens: 4 } }, { times: 1 });
    llm.reply({ text: '{"n":1}', usage: { input_tokens: 30, output_tokens: 5 } });
    const record = await recordOf({ schema });
    assert.equal(record?.output, '{"n":1}');
    const correction =
      "An earlier answer was rejected: the answer doesn't fit the schema: /n must be integer. " +
      'Answer anew, so that it is accepted.';
    assert.deepEqual(prompts(), ['Count them.', `Count them.\n\n${correction}`]);
    const [step] = record?.steps ?? [];
    assert.deepEqual([step?.attempts, step?.usage?.inputTokens, step?.usage?.outputTokens], [2, 40, 9]);
  });

  it('is told by the last of its mistakes', async () => {
    llm.reply({ text: 'n = 1' }, { times: 1 });
    llm.reply({ text: '{"m":1}' }, { times: 1 });
    llm.reply({ text: '{"n":1}' });
    await recordOf({ schema, api: 'chat' });
    const [, second, third] = prompts('messages').map(([message]) => message.content);
    assert.match(second, /rejected: the answer isn't valid JSON/);
    assert.match(third, /^Count them\.\n\nAn earlier answer was rejected: [^\n]+'n'[^\n]+$/);
  });

  it('may be a value other than an array, where the step makes branches', async () => {
    llm.reply({ text: 'a, b' }, { times: 1 });
    llm.reply({ text: '["a"]' });
    assert.equal((await recordOf({ array: true }))?.output, 'a');
    assert.match(prompts()[1], /rejected: expected a JSON array/);
  });

  it('may be one without any text', async () => {
    llm.reply({ text: '' }, { times: 1 });
    llm.reply({ text: 'second' });
    assert.equal((await recordOf({}))?.output, 'second');
    assert.match(prompts()[1], /rejected: the answer is empty/);
  });

  it('is asked for only once more where the server speaks another language', async () => {
    llm.reply({ json: { error: 'Unexpected endpoint or method' } });
    const record = await recordOf({});
    assert.deepEqual([record?.error?.kind, record?.error?.attempts, prompts().length], ['server', 2, 2]);
    assert.match(record?.error?.hint ?? '', /`baseUrl`/);
  });

  it('fails its flow when the retries are used up', async () => {
    llm.reply({ text: '{}', usage: { input_tokens: 10, output_tokens: 4 } });
    const record = await recordOf({ schema, retries: 1 });
    assert.deepEqual([record?.error?.kind, record?.error?.attempts], ['bad_output', 2]);
    assert.equal(record?.usage.inputTokens, 20);
  });

  it('is forgotten when something else goes wrong, but not when the server only has no time', async () => {
    llm.reply({ text: '{}' }, { times: 1 });
    llm.reply({ status: 429, error: { message: 'slow down' }, retryAfter: 0 }, { times: 1 });
    llm.reply({ status: 500, error: { message: 'ouch' } }, { times: 1 });
    llm.reply({ text: '{"n":1}' });
    await recordOf({ schema });
    assert.deepEqual(
      prompts().map((prompt) => prompt.includes('rejected')),
      [false, true, true, false],
    );
  });
});
