import assert from 'node:assert/strict';
import { openai } from '../../../lib/steps/openai.js';
import { choice, openaiCalls, responsesAnswer } from '../../helpers/openai-calls.js';

describe('openai: what an answer is billed by', () => {
  const { llm, ask } = openaiCalls();

  async function chatUsage(usage: object) {
    llm.reply({ json: { choices: [choice({ content: 'ok' })], usage } }, { times: 1 });
    return (await ask({ api: 'chat' })).facts.usage;
  }

  async function factsOf(more: object, request: Record<string, unknown> = {}) {
    llm.reply({ json: { ...responsesAnswer('ok'), ...more } });
    return (await ask({ request })).facts;
  }

  it('is what was written to the cache, too, where that is told', async () => {
    const details = { cached_tokens: 3, cache_write_tokens: 5 };
    assert.equal(
      (await chatUsage({ prompt_tokens: 9, completion_tokens: 1, prompt_tokens_details: details }))
        ?.cacheWriteInputTokens,
      5,
    );
    const usage = { input_tokens: 9, input_tokens_details: details, output_tokens: 1 };
    assert.equal((await factsOf({ usage })).usage?.cacheWriteInputTokens, 5);
  });

  it('has an unknown cost where a part of that is kept for longer', async () => {
    const input_tokens_details = {
      cache_write_tokens: 5,
      cache_write_tokens_details: { ttl_12h_tokens: 2, ttl_30m_tokens: 3 },
    };
    const { usage, costUsd } = await factsOf({
      usage: { input_tokens: 9, input_tokens_details, output_tokens: 1 },
    });
    assert.deepEqual([usage?.cacheWriteInputTokens, costUsd], [5, null]);
  });

  const beside: readonly [string, object, readonly [number, number, number]][] = [
    [
      'reasoning that the total counts beside the answer',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 115,
        completion_tokens_details: { reasoning_tokens: 100 },
      },
      [10, 105, 100],
    ],
    [
      'output that only the total tells of',
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 115 },
      [10, 105, 100],
    ],
    [
      'reasoning that is more than the answer, without a total',
      { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 100 } },
      [10, 105, 100],
    ],
    [
      'reasoning within the answer only once',
      {
        prompt_tokens: 10,
        completion_tokens: 50,
        total_tokens: 60,
        completion_tokens_details: { reasoning_tokens: 40 },
      },
      [10, 50, 40],
    ],
    [
      'cached input that the total counts beside the input',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 45,
        prompt_tokens_details: { cached_tokens: 30 },
      },
      [40, 5, 0],
    ],
    ['no total that is too small', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 1 }, [10, 5, 0]],
  ];
  for (const [what, usage, counts] of beside) {
    it(`counts ${what}`, async () => {
      const { inputTokens, outputTokens, reasoningTokens } = (await chatUsage(usage)) ?? {};
      assert.deepEqual([inputTokens, outputTokens, reasoningTokens], counts);
    });
  }

  it('is the tier that the answer names, whatever was asked for', async () => {
    assert.equal((await factsOf({ service_tier: 'default' }, { service_tier: 'priority' })).tier, 'standard');
  });

  it('is the tier of Chat Completions, too', async () => {
    llm.reply({ json: { choices: [choice({ content: 'ok' })], service_tier: 'flex' } });
    assert.equal((await ask({ api: 'chat' })).facts.tier, 'flex');
  });

  const search = { type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } };
  const opened = { type: 'web_search_call', status: 'completed', action: { type: 'open_page' } };
  const { output } = responsesAnswer('Paris');
  const calls: readonly [string, readonly object[], object, Record<string, unknown>, object | undefined][] = [
    ['each search, but no page that is opened', [search, search, opened], {}, {}, { web_search: 2 }],
    [
      'the searches that the answer itself says are billed',
      [search, search],
      { tool_usage: { web_search: { num_requests: 1 } } },
      {},
      { web_search: 1 },
    ],
    [
      'the preview of the search apart, which costs something else',
      [search],
      {},
      { tools: [{ type: 'web_search_preview_2025_03_11' }] },
      { web_search_preview: 1 },
    ],
    [
      'each tool by its name',
      [{ type: 'file_search_call' }, { type: 'code_interpreter_call' }],
      {},
      {},
      { file_search: 1, code_interpreter: 1 },
    ],
    ['no tool that is free', [{ type: 'mcp_call' }, { type: 'reasoning' }], {}, {}, undefined],
    [
      'no shell of one’s own',
      [{ type: 'shell_call' }],
      {},
      { tools: [{ type: 'shell', environment: { type: 'local' } }] },
      undefined,
    ],
  ];
  for (const [what, items, more, request, counted] of calls) {
    it(`is calls of hosted tools: ${what}`, async () => {
      const { toolCalls } = await factsOf({ output: [...items, ...output], ...more }, request);
      assert.deepEqual(toolCalls, counted);
    });
  }

  it('is a search where Chat Completions cites pages, or was asked to search', async () => {
    const annotations = [{ type: 'url_citation', url_citation: {} }];
    llm.reply({ json: { choices: [choice({ content: 'Paris', annotations })] } }, { times: 1 });
    assert.deepEqual((await ask({ api: 'chat' })).facts.toolCalls, { web_search_options: 1 });
    llm.reply({ json: { choices: [choice({ content: 'Paris' })] } });
    const request = { web_search_options: {} };
    assert.deepEqual((await ask({ api: 'chat', request })).facts.toolCalls, { web_search_options: 1 });
    assert.equal((await ask({ api: 'chat' })).facts.toolCalls, undefined);
  });

  const asked: readonly [string, Record<string, unknown>, string, readonly string[]][] = [
    ['nothing', {}, 'm', []],
    ['tools of one’s own', { tools: [{ type: 'function', name: 'f' }, { type: 'mcp' }] }, 'm', []],
    [
      'hosted tools',
      { tools: [{ type: 'web_search_2025_08_26' }, { type: 'file_search' }, { type: 'web_search' }] },
      'm',
      ['web_search', 'file_search'],
    ],
    [
      'a shell of the provider’s',
      { tools: [{ type: 'shell', environment: { type: 'container_auto' } }] },
      'm',
      ['shell'],
    ],
    ['a search in chat', { web_search_options: {} }, 'm', ['web_search_options']],
    ['a model that searches', {}, 'gpt-4o-search-preview', ['web_search_options']],
  ];
  for (const [what, request, model, tools] of asked) {
    it(`may be ${JSON.stringify(tools)}, where a step asks for ${what}`, () => {
      assert.deepEqual(openai.modelCall?.({ type: 'openai', model, request }).tools, tools);
    });
  }
});
