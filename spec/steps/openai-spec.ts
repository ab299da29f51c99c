import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Artefacts } from '../../lib/artefacts.js';
import { StepFailure } from '../../lib/errors.js';
import type { StepFacts } from '../../lib/flow.js';
import { startSimulation } from '../../lib/simulate/start.js';
import type { Checked, Runnable, Setup } from '../../lib/steps/contract.js';
import type { OpenAIConfig } from '../../lib/steps/openai/config.js';
import { openai } from '../../lib/steps/openai.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { newFlow } from '../helpers/flows.js';
import { type LlmServer, llmServer, type Reply } from '../helpers/llm-server.js';
import { setup } from '../helpers/setup.js';

const KEY = 'sk-secret-0123456789';
const flow = newFlow();

type Own = Partial<Checked<OpenAIConfig>>;

describe('openai', () => {
  let llm: LlmServer;
  let opened: Runnable[];
  let notices: string[];

  beforeEach(async () => {
    llm = await llmServer();
    opened = [];
    notices = [];
  });

  afterEach(async () => {
    for (const { close } of opened) await close?.();
    await llm.stop();
  });

  async function create(own: Own = {}, change: Partial<Setup> = {}): Promise<Runnable> {
    const given = setup({
      env: { OPENAI_BASE_URL: llm.baseUrl, OPENAI_API_KEY: KEY },
      notice: (line) => notices.push(line),
      ...change,
    });
    const runnable = await openai.create({ type: 'openai', prompt: 'Why?', ...own }, given);
    opened.push(runnable);
    return runnable;
  }

  async function attempt(runnable: Runnable, signal = new AbortController().signal) {
    let facts: StepFacts = {};
    const context = {
      signal,
      attempt: 1,
      read: async () => '',
      wait: <T>(something: Promise<T>) => something,
      tell: (more: StepFacts) => {
        facts = { ...facts, ...more };
      },
    };
    const outcome = await Promise.resolve(runnable.run(flow, context)).catch((error: unknown) => error);
    return { outcome, facts };
  }

  async function ask(own?: Own, change?: Partial<Setup>) {
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

  const sent = (n = 0) => JSON.parse(llm.requests[n]?.body ?? 'null');

  it('asks the Responses API by default, with the default model', async () => {
    llm.reply({ text: 'Because.' });
    const { outcome } = await ask({ instructions: 'Be brief.' });
    assert.equal(outcome, 'Because.');
    assert.equal(llm.requests[0]?.path, '/v1/responses');
    assert.deepEqual(sent(), { model: 'gpt-5.4-mini', input: 'Why?', instructions: 'Be brief.' });
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

  describe('structured output', () => {
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

    const bad: readonly [string, string, RegExp][] = [
      ['is no JSON', 'n = 1', /^the answer is no JSON: Unexpected token/],
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
        message: /^steps\[0\]\.schema: no JSON Schema: schema is invalid/,
      });
    });
  });

  describe('an answer that is none', () => {
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

  describe('a status that is no success', () => {
    const rows: readonly [number, object, string, boolean][] = [
      [400, { message: 'bad parameter' }, 'refused', false],
      [401, { message: 'who are you' }, 'auth', false],
      [402, { message: 'pay first' }, 'quota', false],
      [403, { message: 'not you' }, 'auth', false],
      [404, { message: 'no such model' }, 'refused', false],
      [408, { message: 'too slow' }, 'server', true],
      [409, { message: 'conflict' }, 'server', true],
      [413, { message: 'too long' }, 'refused', false],
      [422, { message: 'odd' }, 'refused', false],
      [429, { message: 'slow down' }, 'rate_limit', true],
      [429, { message: 'no credit', code: 'insufficient_quota' }, 'quota', false],
      [429, { message: 'no credit', type: 'insufficient_quota' }, 'quota', false],
      [500, { message: 'ouch' }, 'server', true],
      [503, { message: 'later' }, 'server', true],
    ];
    for (const [status, error, kind, retryable] of rows) {
      it(`${status} ${JSON.stringify(error)} is ${kind}, ${retryable ? 'worth' : 'not worth'} another try`, async () => {
        const found = await failure({ json: { error }, status });
        assert.deepEqual([found.kind, found.retryable ?? false, found.status], [kind, retryable, status]);
        const { message } = Object.assign({ message: '' }, error);
        assert.equal(found.message, `${new URL(llm.baseUrl).host} answered ${status}: ${message}`);
      });
    }

    it("asks just once, whatever the status: retries are the engine's", async () => {
      await failure({ status: 500, error: { message: 'ouch' } });
      assert.equal(llm.requests.length, 1);
    });

    it('brings the wish of Retry-After', async () => {
      const found = await failure({ status: 429, error: { message: 'slow' }, retryAfter: 7 });
      assert.equal(found.retryAfterMs, 7000);
    });

    it('keeps the request id of a failed call', async () => {
      llm.reply({ json: { error: { message: 'x' } }, status: 400, headers: { 'x-request-id': 'req_bad' } });
      assert.equal((await ask()).facts.requestId, 'req_bad');
    });

    it("keeps what servers say in other forms than OpenAI's", async () => {
      const found = await failure({ json: { detail: 'model is loading' }, status: 503 });
      assert.match(found.message, /answered 503: \{"detail":"model is loading"\}$/);
    });

    it('shows only the start of a page', async () => {
      const page = `<html>\n  <b>Bad gateway</b>${'x'.repeat(5000)}`;
      const found = await failure({ raw: (response) => response.writeHead(502).end(page) });
      assert.match(found.message, /answered 502: <html> \| <b>Bad gateway<\/b>x+…$/);
      assert.ok(found.message.length < 300);
    });

    it('never shows the key', async () => {
      const found = await failure({
        json: { error: { message: `Wrong key: ${KEY} (sk-sec*****6789).` } },
        status: 401,
      });
      assert.match(found.message, /Wrong key: \*\*\* \(sk-\*\*\*\)/);
      assert.match(found.hint ?? '', /OPENAI_API_KEY/);
    });

    it('finds the error that a router put into a 200', async () => {
      const found = await failure(
        { json: { error: { code: 429, message: 'upstream is busy' } } },
        { api: 'chat' },
      );
      assert.deepEqual([found.kind, found.status, found.retryable], ['rate_limit', 429, true]);
    });
  });

  describe('a body that is no answer is a server failure, worth another try', () => {
    const half = JSON.stringify(responsesAnswer('ok')).slice(0, 60);
    const rows: readonly [string, Reply, RegExp][] = [
      [
        'HTML',
        { raw: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Login') },
        /answered 200, but the answer is no JSON: <html>Login$/,
      ],
      [
        'half a JSON',
        { raw: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(half) },
        /the answer is no JSON: \{"object"/,
      ],
      [
        'nothing',
        { raw: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end() },
        /the answer is no JSON: \(nothing\)$/,
      ],
      ['another JSON', { json: { ok: true } }, /the answer is none of the Responses API: \{"ok":true\}$/],
      [
        '204',
        { raw: (response) => response.writeHead(204).end() },
        /answered 204, but the answer is no JSON/,
      ],
    ];
    for (const [title, reply, message] of rows) {
      it(title, async () => {
        const found = await failure(reply);
        assert.deepEqual([found.kind, found.retryable], ['server', true]);
        assert.match(found.message, message);
        assert.ok(found.status);
      });
    }
  });

  describe('a network that fails', () => {
    it('is a network failure, worth another try', async () => {
      const { outcome } = await ask({ baseUrl: 'http://127.0.0.1:1/v1' });
      assert.ok(outcome instanceof StepFailure);
      assert.deepEqual([outcome.kind, outcome.retryable], ['network', true]);
      assert.equal(outcome.message, 'the call to 127.0.0.1:1 failed: connect ECONNREFUSED 127.0.0.1:1');
      assert.match(outcome.hint ?? '', /baseUrl/);
    });

    it('also where the answer breaks off', async () => {
      const found = await failure({
        raw: (response) => {
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': 9999 });
          response.write('{"object":', () => setTimeout(() => response.destroy(), 20));
        },
      });
      assert.deepEqual([found.kind, found.retryable], ['network', true]);
      assert.match(found.message, /^the call to 127\.0\.0\.1:\d+ failed: the answer broke off/);
    });

    it('also where the server hangs up before it answers', async () => {
      const found = await failure({ raw: (response) => response.destroy() });
      assert.deepEqual([found.kind, found.retryable], ['network', true]);
    });
  });

  describe('an abort', () => {
    const aborted = async (reply: Reply) => {
      llm.reply(reply);
      const aborter = new AbortController();
      const call = attempt(await create(), aborter.signal);
      while (llm.requests.length === 0) await delay(1);
      await delay(10);
      const begin = performance.now();
      aborter.abort(new Error('enough'));
      const { outcome } = await call;
      assert.ok(performance.now() - begin < 500);
      assert.ok(outcome instanceof Error && !(outcome instanceof StepFailure), String(outcome));
    };

    it('before the headers ends the call', () => aborted({ raw: () => {} }));

    it('within the body ends the call', () => aborted({ raw: (response) => response.write('{"out') }));
  });

  describe('keys', () => {
    const authorization = () => llm.requests[0]?.headers.authorization;

    it("the environment's server gets the environment's key", async () => {
      llm.reply({ text: 'ok' });
      await ask();
      assert.equal(authorization(), `Bearer ${KEY}`);
    });

    it('a server without a key gets no Authorization at all', async () => {
      llm.reply({ text: 'ok' });
      const { outcome } = await ask({}, { env: { OPENAI_BASE_URL: llm.baseUrl } });
      assert.equal(outcome, 'ok');
      assert.equal(authorization(), undefined);
    });

    it("a config's `baseUrl` elsewhere gets nothing of the environment's", async () => {
      llm.reply({ text: 'ok' });
      await using proxy = await connectProxy(Number(new URL(llm.baseUrl).port));
      const env = {
        http_proxy: proxy.url,
        OPENAI_API_KEY: KEY,
        OPENAI_ORG_ID: 'org-secret',
        OPENAI_PROJECT_ID: 'proj-secret',
      };
      await withVariable(
        'OPENAI_CUSTOM_HEADERS',
        'x-gateway: secret\nAuthorization: Bearer secret',
        async () => {
          const { outcome } = await ask({ baseUrl: 'http://model.test/v1' }, { env });
          assert.equal(outcome, 'ok');
        },
      );
      assert.deepEqual(proxy.asked, ['model.test:80']);
      assert.doesNotMatch(JSON.stringify(llm.requests[0]?.headers), /secret/);
    });

    it("a config's `baseUrl` gets the key that `apiKeyEnv` names", async () => {
      llm.reply({ text: 'ok' });
      await ask(
        { baseUrl: llm.baseUrl, apiKeyEnv: 'OTHER' },
        { env: { OTHER: ' other-key\n', OPENAI_API_KEY: KEY } },
      );
      assert.equal(authorization(), 'Bearer other-key');
    });

    it("the process's own variables are not looked at", async () => {
      llm.reply({ text: 'ok' });
      await withVariable('OPENAI_ADMIN_KEY', 'admin-secret', () =>
        withVariable('OPENAI_API_KEY', 'process-secret', () =>
          ask({}, { env: { OPENAI_BASE_URL: llm.baseUrl } }),
        ),
      );
      assert.equal(authorization(), undefined);
    });
  });

  describe('under simulation', () => {
    it('answers without a key, labelled, and is told as simulated', async () => {
      const simulation = await startSimulation();
      const { outcome, facts } = await ask({}, { simulation, env: { http_proxy: 'http://127.0.0.1:1' } });
      await simulation.close();
      assert.match(String(outcome), /^\[simulated gpt-5\.4-mini [0-9a-f]{8}\] Why\?$/);
      assert.equal(facts.simulated, true);
      assert.ok(facts.usage && facts.requestId);
      assert.equal(llm.requests.length, 0);
    });

    it('fails at the rate asked for, worth another try at once', async () => {
      const simulation = await startSimulation({ fail: 1 });
      const { outcome, facts } = await ask({}, { simulation, env: {} });
      await simulation.close();
      assert.ok(outcome instanceof StepFailure);
      assert.deepEqual([outcome.kind, outcome.retryable, outcome.retryAfterMs], ['server', true, 1]);
      assert.equal(facts.simulated, true);
    });
  });

  describe('connections', () => {
    it('are as many as may be in flight', async () => {
      llm.reply({ text: 'ok' }, { delay: 10 });
      const runnable = await create({}, { parallel: 3 });
      await Promise.all(Array.from({ length: 12 }, () => attempt(runnable)));
      assert.equal(llm.requests.length, 12);
      assert.equal(llm.peak, 3);
    });

    it('are shared by the steps of a run that call the same server', async () => {
      llm.reply({ text: 'ok' }, { delay: 10 });
      const artefacts = new Artefacts('generated');
      const change = { artefacts, parallel: 3 };
      const steps = [await create({}, change), await create({ model: 'other' }, change)];
      await Promise.all(Array.from({ length: 20 }, (_, n) => attempt(steps[n % 2] ?? assert.fail())));
      assert.equal(llm.peak, 3);
    });

    it('stay open for the other step when one closes', async () => {
      llm.reply({ text: 'ok' });
      const artefacts = new Artefacts('generated');
      const first = await create({}, { artefacts });
      const second = await create({}, { artefacts });
      await first.close?.();
      opened.shift();
      assert.equal((await attempt(second)).outcome, 'ok');
    });

    it('are capped by the open files, and the user is told', async () => {
      const change = { artefacts: new Artefacts('generated'), parallel: 2 ** 31 };
      await create({}, change);
      await create({}, change);
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? '', /^at most \d+ connections to 127\.0\.0\.1:\d+/);
    });

    it('cannot be made through a proxy variable that holds no address', async () => {
      await assert.rejects(create({}, { env: { OPENAI_API_KEY: KEY, https_proxy: 'nonsense' } }), {
        name: 'ConfigError',
        message: /proxy/,
      });
    });
  });
});

function responsesAnswer(text: string) {
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

function choice(message: object, finish_reason = 'stop') {
  return { index: 0, finish_reason, message: { role: 'assistant', ...message } };
}

/** The client reads some variables of the process by itself. */
async function withVariable<T>(name: string, value: string, run: () => Promise<T>): Promise<T> {
  const before = process.env[name];
  process.env[name] = value;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}
