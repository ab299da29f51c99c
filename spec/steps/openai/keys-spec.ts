import assert from 'node:assert/strict';
import { connectProxy } from '../../helpers/connect-proxy.js';
import { KEY, openaiCalls, responsesAnswer } from '../../helpers/openai-calls.js';

describe('openai: keys', () => {
  const { llm, ask } = openaiCalls();
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
    assert.deepEqual(proxy.asked, ['http://model.test/v1/responses']);
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

  describe('what a server repeats of them', () => {
    const SECRETS = {
      'the key': KEY,
      "a tool's authorization": 'oauth-SECRET-1234',
      'a header of the environment': 'gateway-SECRET-1234',
    };
    const env = () => ({
      OPENAI_BASE_URL: llm.baseUrl,
      OPENAI_API_KEY: KEY,
      OPENAI_CUSTOM_HEADERS: 'x-gateway-key: gateway-SECRET-1234',
    });
    const request = { tools: [{ type: 'mcp', authorization: 'Bearer oauth-SECRET-1234' }] };
    /** As some servers write JSON. */
    const escaped = (json: string) =>
      json.replace(/SECRET|secret/g, (word) =>
        word.replace(/./g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
      );

    for (const [title, secret] of Object.entries(SECRETS)) {
      const said = { type: 'output_text', text: `your headers: ${secret}!` };
      const whole = (content: object) => ({
        ...responsesAnswer(''),
        model: `m ${secret}`,
        output: [{ type: 'message', content: [content] }],
      });
      const bodies: readonly [string, unknown][] = [
        ['an answer', whole(said)],
        ['a refusal', whole({ type: 'refusal', refusal: `debug: ${secret}` })],
        ['a failed response', { status: 'failed', error: { code: 'x', message: `debug: ${secret}` } }],
        ['a cut refusal', whole({ type: 'refusal', refusal: `${'x'.repeat(190)} ${secret}` })],
        ['something else', { debug: secret }],
      ];
      for (const [what, body] of bodies)
        it(`isn't kept or shown: ${title}, in ${what}`, async () => {
          for (const json of [JSON.stringify(body), escaped(JSON.stringify(body))]) {
            llm.reply({
              raw: (response) =>
                response
                  .writeHead(200, { 'content-type': 'application/json', 'x-request-id': `id ${secret}` })
                  .end(json),
            });
            const { outcome, facts } = await ask({ request }, { env: env() });
            assert.doesNotMatch(`${outcome} ${JSON.stringify(facts)}`, /secret/i);
            assert.match(`${outcome}`, /\[redacted/);
            assert.equal(facts.requestId, 'id [redacted]');
          }
        });
    }

    it('leaves everything else of an answer as it is', async () => {
      const text = 'ünï\u0000 \\u0041 \\/ "quoted" sk-';
      llm.reply({ json: responsesAnswer(text) });
      assert.equal((await ask({}, { env: env() })).outcome, text);
    });
  });
});

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
