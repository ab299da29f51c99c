import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { DEFAULT_MODEL } from '../../lib/steps/openai/config.js';
import { choice, openaiCalls, responsesAnswer } from '../helpers/openai-calls.js';

describe('openai', () => {
  const { llm, ask, sent } = openaiCalls();

  it('asks the Responses API by default, with the default model', async () => {
    llm.reply({ text: 'Because.' });
    const { outcome } = await ask({ instructions: 'Be brief.' });
    assert.equal(outcome, 'Because.');
    assert.equal(llm.requests[0]?.path, '/v1/responses');
    assert.deepEqual(sent(), { model: DEFAULT_MODEL, input: 'Why?', instructions: 'Be brief.' });
  });

  it('asks Chat Completions where `api` says so', async () => {
    llm.reply({ text: 'Because.' });
    const { outcome } = await ask({ api: 'chat', model: 'llama', instructions: 'Be brief.' });
    assert.equal(outcome, 'Because.');
    assert.equal(llm.requests[0]?.path, '/v1/chat/completions');
    assert.deepEqual(sent(), {
      model: 'llama',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Why?' },
      ],
    });
  });

  it('passes `request` through as it is', async () => {
    llm.reply({ text: 'ok' });
    const request = {
      temperature: 0,
      reasoning: { effort: 'low' },
      text: { verbosity: 'low' },
      new_one: [1],
    };
    await ask({ request, model: 'm' });
    assert.deepEqual(sent(), { ...request, model: 'm', input: 'Why?' });
  });

  it('sends contents exactly as they are', async () => {
    llm.reply({ text: 'ok' });
    const prompt = 'a\u0000b {{{x}}} $& \\n \ud800 🙂';
    await ask({ prompt });
    assert.equal(sent().input, prompt);
  });

  it('tells usage, model and request id', async () => {
    llm.reply({ json: responsesAnswer('ok'), headers: { 'x-request-id': 'req_7' } });
    const { facts } = await ask();
    assert.deepEqual(facts, {
      requestId: 'req_7',
      model: 'm-2026',
      usage: { inputTokens: 100, cachedInputTokens: 40, outputTokens: 20, reasoningTokens: 5 },
    });
  });

  it('tells the usage of Chat Completions', async () => {
    const usage = {
      prompt_tokens: 9,
      prompt_tokens_details: { cached_tokens: 3 },
      completion_tokens: 4,
      completion_tokens_details: { reasoning_tokens: 1 },
    };
    llm.reply({ json: { model: 'x', choices: [choice({ content: 'ok' })], usage } });
    const { facts } = await ask({ api: 'chat' });
    assert.deepEqual(facts.usage, {
      inputTokens: 9,
      cachedInputTokens: 3,
      outputTokens: 4,
      reasoningTokens: 1,
    });
  });

  it("doesn't make up usage that the server didn't tell", async () => {
    llm.reply({ json: { choices: [choice({ content: 'ok' })], usage: { prompt_tokens: 'many' } } });
    assert.deepEqual((await ask({ api: 'chat' })).facts, {});
  });

  it("doesn't believe counts that no call can have", async () => {
    for (const [input, output] of [
      [1e308, 1e308],
      [-1, 0.5],
      [1e10, '7'],
    ]) {
      const usage = { input_tokens: input, output_tokens: output };
      llm.reply({ json: { ...responsesAnswer('ok'), usage } }, { times: 1 });
      assert.equal((await ask()).facts.usage, undefined);
    }
  });

  it('reads a compressed answer', async () => {
    llm.reply({
      raw: (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
        response.end(gzipSync(JSON.stringify(responsesAnswer('ok'))));
      },
    });
    assert.equal((await ask()).outcome, 'ok');
  });

  it('joins the parts of the answer, without remarks on the way to it', async () => {
    const message = (phase: string, ...texts: string[]) => ({
      type: 'message',
      phase,
      content: texts.map((text) => ({ type: 'output_text', text })),
    });
    const output = [
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hmm' }] },
      message('commentary', 'Let me see.'),
      message('final_answer', 'a', 'b'),
    ];
    llm.reply({ json: { status: 'completed', output } });
    assert.equal((await ask()).outcome, 'ab');
  });
});
