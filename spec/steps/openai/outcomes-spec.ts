import assert from 'node:assert/strict';
import { choice, openaiCalls, responsesAnswer } from '../../helpers/openai-calls.js';

describe('openai: an answer that is none', () => {
  const { llm, ask, failure } = openaiCalls();

  const rows: readonly [string, object, string, string, boolean][] = [
    [
      'cut off',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] },
      'bad_output',
      'the answer is incomplete: it came to the limit of its length',
      false,
    ],
    [
      'filtered',
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output: [] },
      'refused',
      'the content filter stopped the answer',
      false,
    ],
    [
      'unfinished',
      { status: 'in_progress', output: [] },
      'bad_output',
      'the answer is `in_progress`, not completed',
      false,
    ],
    ['empty', { status: 'completed', output: [] }, 'bad_output', 'the answer is empty', false],
    [
      'a tool call',
      { status: 'completed', output: [{ type: 'function_call', name: 'f' }] },
      'bad_output',
      'the model called a tool instead of answering',
      false,
    ],
    [
      'failed',
      { status: 'failed', error: { code: 'server_error', message: 'ouch' } },
      'server',
      'the model failed: ouch',
      true,
    ],
    [
      'failed without a word',
      { status: 'failed', error: null },
      'server',
      'the model failed: no reason was given',
      true,
    ],
    [
      'failed by the rate',
      { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'slow' } },
      'rate_limit',
      'the model failed: slow',
      true,
    ],
    [
      'failed by quota',
      { status: 'failed', error: { code: 'insufficient_quota', message: 'pay' } },
      'quota',
      'the model failed: pay',
      false,
    ],
    [
      'failed by the prompt',
      { status: 'failed', error: { code: 'invalid_prompt', message: 'no' } },
      'refused',
      'the model failed: no',
      false,
    ],
  ];
  for (const [title, json, kind, message, retryable] of rows) {
    it(`is ${title}: ${kind}`, async () => {
      const found = await failure({ json });
      assert.deepEqual([found.kind, found.message, found.retryable ?? false], [kind, message, retryable]);
    });
  }

  const chats: readonly [string, object, string, string, boolean][] = [
    [
      'cut off',
      choice({ content: 'half' }, 'length'),
      'bad_output',
      'the answer is incomplete: it came to the limit of its length',
      false,
    ],
    [
      'filtered',
      choice({ content: 'half' }, 'content_filter'),
      'refused',
      'the content filter stopped the answer',
      false,
    ],
    ['empty', choice({ content: '' }), 'bad_output', 'the answer is empty', false],
    [
      'a tool call',
      choice({ content: null, tool_calls: [{}] }, 'tool_calls'),
      'bad_output',
      'the model called a tool instead of answering',
      false,
    ],
  ];
  for (const [title, first, kind, message, retryable] of chats) {
    it(`is ${title} (chat): ${kind}`, async () => {
      const found = await failure({ json: { choices: [first] } }, { api: 'chat' });
      assert.deepEqual([found.kind, found.message, found.retryable ?? false], [kind, message, retryable]);
    });
  }

  for (const api of ['responses', 'chat'] as const) {
    it(`is a refusal (${api})`, async () => {
      const found = await failure({ refusal: "I won't\n\u001b[2Jdo it." }, { api });
      assert.deepEqual([found.kind, found.message], ['refused', "the model refused: I won't | do it."]);
      assert.equal(found.retryable ?? false, false);
    });
  }

  it('tells what it cost', async () => {
    const { usage, model } = responsesAnswer('');
    llm.reply({ json: { status: 'incomplete', output: [], usage, model } });
    const { facts } = await ask();
    assert.equal(facts.usage?.inputTokens, 100);
    assert.equal(facts.model, 'm-2026');
  });
});
