import assert from 'node:assert/strict';
import { StepFailure } from '../../lib/errors.js';
import type { Checked, StepBody, StepEnvironment } from '../../lib/steps/contract.js';
import type { OpenAIConfig } from '../../lib/steps/openai/config.js';
import { openai } from '../../lib/steps/openai.js';
import { newFlow } from './flows.js';
import { type LlmServer, llmServer, type Reply } from './llm-server.js';
import { contextWith, setup } from './setup.js';

export const KEY = 'sk-secret-0123456789';
const flow = newFlow();

type Own = Partial<Checked<OpenAIConfig>>;

/** Within a suite: a server for each of its tests, and openai steps that call it. */
export function openaiCalls() {
  let server: LlmServer;
  const opened: StepBody[] = [];
  const notices: string[] = [];

  /** The server of the test that runs. */
  const llm: Pick<LlmServer, 'baseUrl' | 'requests' | 'peak' | 'reply'> = {
    get baseUrl() {
      return server.baseUrl;
    },
    get requests() {
      return server.requests;
    },
    get peak() {
      return server.peak;
    },
    reply: (reply, options) => server.reply(reply, options),
  };

  beforeEach(async () => {
    server = await llmServer();
    notices.length = 0;
  });

  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close?.();
    await server.stop();
  });

  async function create(own: Own = {}, change: Partial<StepEnvironment> = {}): Promise<StepBody> {
    const given = setup({
      env: { OPENAI_BASE_URL: llm.baseUrl, OPENAI_API_KEY: KEY },
      notice: (line) => notices.push(line),
      ...change,
    });
    const runnable = await openai.create({ type: 'openai', prompt: 'Why?', ...own }, given);
    opened.push(runnable);
    return runnable;
  }

  /** One try, without an engine around it. */
  async function attempt(runnable: StepBody, signal?: AbortSignal) {
    const context = contextWith(signal);
    const outcome = await Promise.resolve(runnable.run(flow, context)).catch((error: unknown) => error);
    return { outcome, facts: context.facts };
  }

  async function ask(own?: Own, change?: Partial<StepEnvironment>) {
    return attempt(await create(own, change));
  }

  /** What a try with this reply fails with. */
  async function failure(reply: Reply, own?: Own): Promise<StepFailure> {
    llm.reply(reply);
    const { outcome } = await ask(own);
    assert.ok(outcome instanceof StepFailure, `expected a StepFailure, got ${outcome}`);
    assert.ok(!outcome.message.includes('\n'), outcome.message);
    return outcome;
  }

  /** The body of the n-th request. */
  const sent = (n = 0) => JSON.parse(llm.requests[n]?.body ?? 'null');

  return { llm, opened, notices, create, attempt, ask, failure, sent };
}

/** A whole answer of the Responses API. */
export function responsesAnswer(text: string) {
  return {
    object: 'response',
    status: 'completed',
    model: 'm-2026',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 5 },
    },
  };
}

/** The only choice of an answer of Chat Completions. */
export function choice(message: object, finish_reason = 'stop') {
  return { index: 0, finish_reason, message: { role: 'assistant', ...message } };
}
