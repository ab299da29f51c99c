import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { Retryable } from '../../../lib/errors.js';
import type { Reply } from '../../helpers/llm-server.js';
import { KEY, openaiCalls, responsesAnswer } from '../../helpers/openai-calls.js';

describe('openai: a status other than success', () => {
  const { llm, ask, failure } = openaiCalls();

  const rows: readonly [number, object, string, boolean][] = [
    [400, { message: 'bad parameter' }, 'refused', false],
    [401, { message: 'who are you' }, 'auth', false],
    [402, { message: 'pay first' }, 'quota', false],
    [403, { message: 'not you' }, 'auth', false],
    [403, { message: 'Your input was flagged', code: 403 }, 'refused', false],
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

  const TOO_LARGE =
    'Request too large for m on tokens per min (TPM): Limit 30000, Requested 45000. It must be reduced.';
  const subjects: readonly [string, number, object, string, string, RegExp][] = [
    ['the key', 403, { message: 'not you' }, 'auth', 'key', /OPENAI_API_KEY/],
    [
      'the input',
      403,
      { message: 'Your input was flagged' },
      'refused',
      'request',
      /the key isn't the cause/,
    ],
    [
      'this request',
      429,
      { message: TOO_LARGE, code: 'rate_limit_exceeded' },
      'refused',
      'request',
      /shorten/,
    ],
    ['this request', 413, { message: 'too long' }, 'refused', 'request', /^$/],
    [
      'the limit',
      429,
      { message: 'Limit 30000, Used 29000, Requested 4000' },
      'rate_limit',
      'limit',
      /--lane/,
    ],
    ['the account', 402, { message: 'pay' }, 'quota', 'account', /billing/],
    ['the model', 404, { message: 'no such model' }, 'refused', 'model', /`model`/],
    ['the server', 503, { message: 'later' }, 'server', 'server', /^$/],
  ];
  for (const [title, status, error, kind, about, hint] of subjects) {
    it(`${status} ${JSON.stringify(error)} is about ${title}, and says so`, async () => {
      const found = await failure({ json: { error }, status });
      assert.deepEqual([found.kind, found.about], [kind, about]);
      assert.match(found.hint ?? '', hint);
    });
  }

  it('403 with a page is about the way to the server, and says so', async () => {
    const page = '<!DOCTYPE html><html><title>Request blocked</title></html>';
    const found = await failure({ raw: (response) => response.writeHead(403).end(page) });
    assert.deepEqual([found.kind, found.about], ['refused', 'way']);
    assert.match(found.hint ?? '', /firewall/);
  });

  it('says how another server may be asked that a redirect points to', async () => {
    const location = 'https://model.test/v1/responses';
    const found = await failure({ raw: (response) => response.writeHead(307, { location }).end() });
    assert.deepEqual([found.kind, found.retryable], ['refused', false]);
    assert.match(found.message, /answered 307: redirected to https:\/\/model\.test\/v1\/responses$/);
    assert.match(found.hint ?? '', /`redirects: any`/);
  });

  it('says where a redirect points that is not followed, and what to correct', async () => {
    const found = await failure({
      raw: (response) => response.writeHead(301, { location: '/v2/responses' }).end(),
    });
    assert.deepEqual([found.kind, found.about, found.status], ['refused', 'way', 301]);
    assert.match(found.message, /answered 301: redirected to http:\/\/127\.0\.0\.1:\d+\/v2\/responses$/);
    assert.match(found.hint ?? '', /^Correct OPENAI_BASE_URL/);
    assert.equal(llm.requests.length, 1);
  });

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

  it('shows nothing of JSON that is too deep', async () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const found = await failure({
      raw: (response) =>
        response.writeHead(503, { 'content-type': 'application/json' }).end(`{"detail":${body}}`),
    });
    assert.equal(found.kind, 'server');
    assert.match(found.message, /answered 503: \(JSON that is nested too deep\)$/);
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
    assert.match(found.message, /Wrong key: \[redacted\] \(sk-\*\*\*\)/);
    assert.match(found.hint ?? '', /OPENAI_API_KEY/);
  });

  describe('an answer that inflates to more than it may be', () => {
    const body = gzipSync(JSON.stringify({ ...responsesAnswer('fine'), padding: ' '.repeat(65 * 2 ** 20) }));
    const inflating: Reply = {
      raw: (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body),
    };

    it('fails its flow, and another try would, too', async () => {
      const found = await failure(inflating);
      assert.deepEqual([found.kind, found.retryable], ['bad_output', false]);
      assert.match(found.message, /^127\.0\.0\.1:\d+: the answer is larger than 64 MiB$/);
      assert.match(found.hint ?? '', /`maxAnswer`/);
    });

    it('is taken where the step says more', async () => {
      llm.reply(inflating);
      assert.equal((await ask({ maxAnswer: 66 })).outcome, 'fine');
    });
  });

  it('shows all that a server says, where its key is too short to be a secret', async () => {
    const message = 'Unexpected endpoint or method';
    llm.reply({ json: { error: { message } }, status: 404 });
    const { outcome } = await ask({}, { env: { OPENAI_BASE_URL: llm.baseUrl, OPENAI_API_KEY: 'e' } });
    assert.match(String(outcome), new RegExp(`404: ${message}$`));
  });

  it('finds the error that a router put into a 200', async () => {
    const found = await failure(
      { json: { error: { code: 429, message: 'upstream is busy' } } },
      { api: 'chat' },
    );
    assert.deepEqual([found.kind, found.status, found.retryable], ['rate_limit', 429, true]);
  });
});

describe("openai: a body that isn't an answer is a server failure", () => {
  const { failure } = openaiCalls();

  const half = JSON.stringify(responsesAnswer('ok')).slice(0, 60);
  const rows: readonly [string, Reply, RegExp, Retryable][] = [
    [
      'HTML',
      { raw: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Login') },
      /answered 200, but the body isn't JSON: <html>Login$/,
      true,
    ],
    [
      'half a JSON',
      { raw: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(half) },
      /the body isn't JSON: \{"object"/,
      true,
    ],
    [
      'nothing',
      { raw: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end() },
      /the body isn't JSON: \(nothing\)$/,
      true,
    ],
    [
      'another JSON',
      { json: { ok: true } },
      /the body isn't an answer of the Responses API: \{"ok":true\}$/,
      'once',
    ],
    [
      'the error of another program',
      { json: { error: 'Unexpected endpoint or method' } },
      /the body isn't an answer of the Responses API: \{"error":"Unexpected endpoint or method"\}$/,
      'once',
    ],
    [
      'a stream',
      {
        raw: (response) =>
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {}\n\n'),
      },
      /the body is a stream, which was not asked for: data: \{\}$/,
      'once',
    ],
    [
      '204',
      { raw: (response) => response.writeHead(204).end() },
      /answered 204, but the body isn't JSON/,
      true,
    ],
  ];
  for (const [title, reply, message, retryable] of rows) {
    it(`${title}; worth another try: ${retryable}`, async () => {
      const found = await failure(reply);
      assert.deepEqual([found.kind, found.retryable], ['server', retryable]);
      assert.match(found.message, message);
      assert.match(found.hint ?? '', /`baseUrl`.*`api`/);
      assert.ok(found.status);
    });
  }
});
