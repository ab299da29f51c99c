import assert from 'node:assert/strict';
import { ConfigError } from '../../../lib/errors.js';
import { serverOf } from '../../../lib/steps/openai/server.js';

type Env = Record<string, string>;
type Config = { baseUrl?: string; apiKeyEnv?: string };

const KEY = 'the-key';
const elsewhere = 'https://models.example.com/v1';

describe('serverOf', () => {
  const server = (config: Config, env: Env) => serverOf(config, { where: 'steps[0]', env, simulation: null });

  const keys: readonly [string, Config, Env, string | null][] = [
    ['the default server', {}, { OPENAI_API_KEY: KEY }, KEY],
    ["the environment's server", {}, { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: elsewhere }, KEY],
    ["the environment's server, without a key", {}, { OPENAI_BASE_URL: elsewhere }, null],
    ["a config's server", { baseUrl: elsewhere }, { OPENAI_API_KEY: KEY }, null],
    [
      "a config's server that apiKeyEnv trusts",
      { baseUrl: elsewhere, apiKeyEnv: 'OPENAI_API_KEY' },
      { OPENAI_API_KEY: KEY },
      KEY,
    ],
    [
      "a config's server with a key of its own",
      { baseUrl: elsewhere, apiKeyEnv: 'OTHER' },
      { OPENAI_API_KEY: 'x', OTHER: KEY },
      KEY,
    ],
    ['the default server with another key', { apiKeyEnv: 'OTHER' }, { OPENAI_API_KEY: 'x', OTHER: KEY }, KEY],
    ['localhost', { baseUrl: 'http://localhost:8080/v1' }, { OPENAI_API_KEY: KEY }, KEY],
    ['127.0.0.1', { baseUrl: 'http://127.0.0.1:8080/v1' }, { OPENAI_API_KEY: KEY }, KEY],
    ['::1', { baseUrl: 'http://[::1]:8080/v1' }, { OPENAI_API_KEY: KEY }, KEY],
    ['localhost, without a key', { baseUrl: 'http://localhost:8080/v1' }, {}, null],
    [
      'a name that only begins like localhost',
      { baseUrl: 'http://localhost.example.com/v1' },
      { OPENAI_API_KEY: KEY },
      null,
    ],
    [
      'a name that only begins like 127.0.0.1',
      { baseUrl: 'http://127.0.0.1.example.com/v1' },
      { OPENAI_API_KEY: KEY },
      null,
    ],
    ['0.0.0.0', { baseUrl: 'http://0.0.0.0/v1' }, { OPENAI_API_KEY: KEY }, null],
  ];
  for (const [title, config, env, key] of keys) {
    it(`gives ${title} ${key === null ? 'no key' : 'the key'}`, () =>
      assert.equal(server(config, env).key, key));
  }

  it('honours OPENAI_BASE_URL, and a config over it', () => {
    const env = { OPENAI_BASE_URL: elsewhere };
    assert.equal(server({}, env).baseUrl, elsewhere);
    assert.equal(server({ baseUrl: 'http://localhost/v1' }, env).baseUrl, 'http://localhost/v1');
  });

  it("tells organization and project to the environment's server only", () => {
    const env = { OPENAI_API_KEY: KEY, OPENAI_ORG_ID: 'o', OPENAI_PROJECT_ID: 'p' };
    const { organization, project } = server({}, env);
    assert.deepEqual([organization, project], ['o', 'p']);
    const other = server({ baseUrl: elsewhere }, env);
    assert.deepEqual([other.organization, other.project], [null, null]);
  });

  const bad: readonly [string, Config, Env, string][] = [
    [
      'no key',
      {},
      {},
      'no API key: set the environment variable OPENAI_API_KEY, or rehearse with --simulate, which needs none',
    ],
    [
      'an empty key',
      {},
      { OPENAI_API_KEY: ' ' },
      'no API key: set the environment variable OPENAI_API_KEY, or rehearse with --simulate, which needs none',
    ],
    [
      'an unset apiKeyEnv',
      { baseUrl: elsewhere, apiKeyEnv: 'OTHER' },
      { OPENAI_API_KEY: KEY },
      'no API key: set the environment variable OTHER, or rehearse with --simulate, which needs none',
    ],
    [
      "the default server as a config's",
      { baseUrl: 'https://api.openai.com/v1' },
      { OPENAI_API_KEY: KEY },
      'a `baseUrl` in a config gets a key only by `apiKeyEnv`: add `apiKeyEnv: OPENAI_API_KEY`',
    ],
    [
      'a key of two lines',
      {},
      { OPENAI_API_KEY: 'a\nb' },
      'the key in OPENAI_API_KEY holds a space, a line break or a letter that no key can hold',
    ],
    [
      'a wrong OPENAI_BASE_URL',
      {},
      { OPENAI_BASE_URL: 'host' },
      'OPENAI_BASE_URL: expected the address of a server, like `http://localhost:11434/v1`',
    ],
    [
      'a password in OPENAI_BASE_URL',
      {},
      { OPENAI_BASE_URL: 'http://me:hunter22@host/v1' },
      "OPENAI_BASE_URL: a name and a password don't belong in the address of a server; a key is named by `apiKeyEnv`",
    ],
  ];
  for (const [title, config, env, message] of bad) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => server(config, env),
        (error) => error instanceof ConfigError && error.message === `steps[0]: ${message}`,
      );
    });
  }
});
