import assert from 'node:assert/strict';
import type { Retryable } from '../../../lib/errors.js';
import { choice, openaiCalls, responsesAnswer } from '../../helpers/openai-calls.js';

describe('openai: an answer that is none', () => {
  const { llm, ask, failure } = openaiCalls();

  const rows: readonly [string, object, string, string, boolean][] = [
    [
      'cut off',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] },
      'bad_output',
      'the answer was cut off at the output token limit',
      false,
    ],
    [
      'filtered',
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' }, output: [] },
      'refused',
      'the content filter stopped the answer (content_filter)',
      false,
    ],
    [
      'incomplete for no reason',
      { status: 'incomplete', output: [] },
      'bad_output',
      'the answer is incomplete',
      false,
    ],
    [
      'cut off within a message',
      {
        status: 'completed',
        output: [{ type: 'message', status: 'incomplete', content: [{ type: 'output_text', text: 'half' }] }],
      },
      'bad_output',
      'the answer is incomplete',
      false,
    ],
    [
      'said before a tool call',
      {
        status: 'completed',
        output: [
          { type: 'message', content: [{ type: 'output_text', text: 'Let me see.' }] },
          { type: 'function_call', name: 'f' },
        ],
      },
      'bad_output',
      'the model called a tool instead of answering',
      false,
    ],
    [
      'unfinished',
      { status: 'in_progress', output: [] },
      'bad_output',
      'the answer is `in_progress`, not completed',
      false,
    ],
    ['empty', { status: 'completed', output: [] }, 'bad_output', 'the answer is empty', true],
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
      'the answer was cut off at the output token limit',
      false,
    ],
    [
      'filtered',
      choice({ content: 'half' }, 'content_filter'),
      'refused',
      'the content filter stopped the answer (content_filter)',
      false,
    ],
    ['empty', choice({ content: '' }), 'bad_output', 'the answer is empty', true],
    [
      'said before a tool call',
      choice({ content: 'Let me see.', tool_calls: [{}] }, 'tool_calls'),
      'bad_output',
      'the model called a tool instead of answering',
      false,
    ],
    [
      'broken off, with the error inside',
      { ...choice({ content: 'half' }, 'error'), error: { code: 502, message: 'the provider is down' } },
      'server',
      'the server broke the answer off (the provider is down)',
      true,
    ],
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

  const endings: readonly [string, string, Retryable][] = [
    ['MAX_TOKENS', 'bad_output', false],
    ['max_tokens', 'bad_output', false],
    ['model_length', 'bad_output', false],
    ['SAFETY', 'refused', false],
    ['content-filter', 'refused', false],
    ['error', 'server', true],
    ['abort', 'server', true],
    ['insufficient_system_resource', 'server', true],
    ['MALFORMED_FUNCTION_CALL', 'bad_output', 'once'],
  ];
  for (const [reason, kind, retryable] of endings) {
    it(`is what ended with \`${reason}\`: ${kind}`, async () => {
      const json = { choices: [choice({ content: 'The first half of the ans' }, reason)] };
      const found = await failure({ json }, { api: 'chat' });
      assert.deepEqual([found.kind, found.retryable ?? false], [kind, retryable]);
    });
  }

  it('names a reason that is unknown', async () => {
    const found = await failure(
      { json: { choices: [choice({ content: 'x' }, 'new_one')] } },
      { api: 'chat' },
    );
    assert.equal(found.message, 'the answer ended for an unknown reason (new_one): it may be cut off');
  });

  for (const reason of ['stop', 'STOP', 'end_turn', 'COMPLETE', 'eos_token', null]) {
    it(`isn't an answer that ended with ${reason}`, async () => {
      llm.reply({ json: { choices: [{ ...choice({ content: 'whole' }), finish_reason: reason }] } });
      assert.equal((await ask({ api: 'chat' })).outcome, 'whole');
    });
  }

  it('is an answer without any choice', async () => {
    const found = await failure({ json: { choices: [] } }, { api: 'chat' });
    assert.deepEqual([found.message, found.retryable], ['the answer is empty', true]);
  });

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
