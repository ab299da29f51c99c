import assert from 'node:assert/strict';
import { connectProxy } from '../../helpers/connect-proxy.js';
import { KEY, openaiCalls } from '../../helpers/openai-calls.js';

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
