import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { StepFailure } from '../../../lib/errors.js';
import { Artefacts } from '../../../lib/steps/artefacts.js';
import { APIConnectionError, createClient } from '../../../lib/steps/openai/client.js';
import { failureOf } from '../../../lib/steps/openai/failure.js';
import { serverOf } from '../../../lib/steps/openai/server.js';
import { connectProxy } from '../../helpers/connect-proxy.js';
import { llmServer, type Reply } from '../../helpers/llm-server.js';
import { KEY, openaiCalls } from '../../helpers/openai-calls.js';
import { until } from '../../helpers/program.js';

describe('openai: connections', () => {
  const { llm, opened, notices, create, attempt } = openaiCalls();

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
    await assert.rejects(create({}, { env: { OPENAI_API_KEY: KEY, https_proxy: 'no address' } }), {
      name: 'ConfigError',
      message:
        'steps[0]: https_proxy is `no address`; expected the address of a proxy, like `http://proxy.example.com:3128`',
    });
  });
});

describe('openai: a request', () => {
  const { llm, ask } = openaiCalls();

  it('tells the server nothing of this machine', async () => {
    llm.reply({ text: 'ok' });
    await ask({});
    const names = Object.keys(llm.requests[0]?.headers ?? {});
    assert.deepEqual(
      names.filter((name) => name.startsWith('x-stainless-')),
      [],
    );
    assert.ok(names.includes('user-agent'));
  });
});

describe('openai: a redirect to another server', () => {
  const { llm, ask } = openaiCalls();
  const env = () => ({
    OPENAI_BASE_URL: llm.baseUrl,
    OPENAI_API_KEY: KEY,
    OPENAI_ORG_ID: 'org-secret',
    OPENAI_PROJECT_ID: 'proj-secret',
  });

  async function redirected(own: Parameters<typeof ask>[0]) {
    await using other = await llmServer();
    other.reply({ text: 'from the other' });
    llm.reply({
      raw: (response) => response.writeHead(307, { location: `${other.baseUrl}/responses` }).end(),
    });
    const { outcome } = await ask(own, { env: env() });
    return { outcome, asked: other.requests };
  }

  it('is refused', async () => {
    const { outcome, asked } = await redirected({});
    assert.ok(outcome instanceof StepFailure);
    assert.deepEqual([outcome.kind, outcome.status, asked.length], ['refused', 307, 0]);
  });

  it('is followed where the step says so, without key, organization and project', async () => {
    const { outcome, asked } = await redirected({ redirects: 'any' });
    assert.equal(outcome, 'from the other');
    assert.equal(JSON.parse(asked[0]?.body ?? '').input, 'Why?');
    assert.doesNotMatch(JSON.stringify(asked[0]?.headers), /secret|bearer/i);
    assert.match(JSON.stringify(llm.requests[0]?.headers), /org-secret/);
  });
});

describe('openai: a network that fails', () => {
  const { ask, failure } = openaiCalls();

  it('is a network failure, worth another try', async () => {
    const { outcome } = await ask({ baseUrl: 'http://127.0.0.1:1/v1' });
    assert.ok(outcome instanceof StepFailure);
    assert.deepEqual([outcome.kind, outcome.retryable], ['network', true]);
    assert.equal(outcome.message, 'the call to 127.0.0.1:1 failed: connect ECONNREFUSED 127.0.0.1:1');
    assert.match(outcome.hint ?? '', /baseUrl/);
  });

  it('names host and cause of a connection that could not be made in time', () => {
    const cause = Object.assign(new Error('connect ETIMEDOUT 203.0.113.1:443'), {
      code: 'ETIMEDOUT',
      syscall: 'connect',
    });
    const world = { where: 'steps[0]', env: { OPENAI_API_KEY: KEY }, simulation: null };
    const fetch = async () => {
      throw cause;
    };
    const server = serverOf({}, world);
    const call = createClient(server, fetch).responses.create({ model: 'm', input: 'Why?' });
    return call.then(
      () => assert.fail('was answered'),
      (error: unknown) => {
        const found = failureOf(error, server);
        assert.equal(found.message, 'the call to api.openai.com failed: connect ETIMEDOUT 203.0.113.1:443');
        assert.equal(found.cause, cause, 'which tells that the call cost nothing');
      },
    );
  });

  for (const status of [407, 403])
    it(`names a proxy that refuses, with its status (${status}), and what to do`, async () => {
      await using proxy = await connectProxy(0, status);
      const env = { OPENAI_API_KEY: KEY, https_proxy: proxy.url };
      const { outcome } = await ask({}, { env });
      assert.ok(outcome instanceof StepFailure);
      assert.equal(outcome.kind, 'network');
      assert.equal(
        outcome.message,
        `the call to api.openai.com failed: the proxy refused the connection with status ${status}`,
      );
      assert.match(outcome.hint ?? '', status === 407 ? /NAME:PASSWORD/ : /no_proxy/);
    });

  it('tells how the first of several addresses failed', () => {
    const first = Object.assign(new Error('connect ECONNREFUSED ::1:11434'), { code: 'ECONNREFUSED' });
    const tried = new AggregateError([first, new Error('connect ECONNREFUSED 127.0.0.1:11434')]);
    const world = { where: 'steps[0]', env: {}, simulation: null };
    const server = serverOf({ baseUrl: 'http://localhost:11434/v1' }, world);
    const { message, hint, cause } = failureOf(new APIConnectionError({ cause: tried }), server);
    assert.equal(message, 'the call to localhost:11434 failed: connect ECONNREFUSED ::1:11434');
    assert.match(hint ?? '', /baseUrl/);
    assert.equal(cause, first, 'which tells that the call cost nothing');
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

  it('also where the server answers 101', async () => {
    const found = await failure({
      raw: (response) => response.writeHead(101, { connection: 'upgrade', upgrade: 'h2c' }).end(),
    });
    assert.deepEqual([found.kind, found.retryable], ['network', true]);
    assert.match(found.message, /answered 101/);
  });

  it('also where the server hangs up before it answers', async () => {
    const found = await failure({ raw: (response) => response.destroy() });
    assert.deepEqual([found.kind, found.retryable], ['network', true]);
  });
});

describe('openai: an abort', () => {
  const { llm, create, attempt } = openaiCalls();

  const aborted = async (reply: Reply) => {
    llm.reply(reply);
    const aborter = new AbortController();
    const call = attempt(await create(), aborter.signal);
    await until('the request came', () => llm.requests.length > 0);
    await delay(10);
    aborter.abort(new Error('enough'));
    const { outcome } = await call;
    assert.ok(outcome instanceof Error && !(outcome instanceof StepFailure), String(outcome));
  };

  it('before the headers ends the call', () => aborted({ raw: () => {} }));

  it('within the body ends the call', () => aborted({ raw: (response) => response.write('{"out') }));
});
