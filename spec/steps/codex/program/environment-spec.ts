import assert from 'node:assert/strict';
import {
  environmentFor,
  isKeyed,
  secretsOfProxies,
  settingsForCommands,
  withKey,
} from '../../../../lib/steps/codex/program/environment.js';

const openai = { name: 'openai', asksOpenAI: false, wantsLogin: true, key: undefined, variables: [] };

describe('the environment of codex', () => {
  it('holds what programs need, and nothing else of ours', () => {
    const needed = {
      PATH: '/bin',
      HOME: '/home/me',
      LANG: 'C',
      LC_ALL: 'C',
      TZ: 'UTC',
      TMPDIR: '/tmp',
      XDG_RUNTIME_DIR: '/run/me',
      CODEX_HOME: '/codex',
      CODEX_SQLITE_HOME: '/fast',
      HTTPS_PROXY: 'http://proxy',
      no_proxy: 'localhost',
      SSL_CERT_FILE: '/ca.pem',
      SystemRoot: 'C:\\Windows',
    };
    const others = {
      OPENAI_API_KEY: 'k',
      OPENAI_ADMIN_KEY: 'k',
      AWS_SECRET_ACCESS_KEY: 'k',
      GITHUB_TOKEN: 'k',
      DATABASE_URL: 'postgres://me:secret@db',
      SSH_AUTH_SOCK: '/agent',
      PATHS: 'x',
      NODE_OPTIONS: '--inspect',
    };
    assert.deepEqual(environmentFor({ ...needed, ...others }, undefined, openai), needed);
  });

  it('holds what the step names, or sets', () => {
    const env = { A: '1', B: '2', OPENAI_API_KEY: 'k' };
    assert.deepEqual(environmentFor(env, ['A', 'OPENAI_API_KEY'], openai), { A: '1', OPENAI_API_KEY: 'k' });
    assert.deepEqual(environmentFor(env, { B: '3', C: '4' }, openai), { B: '3', C: '4' });
  });

  it("holds what codex's own settings have it read for its provider", () => {
    const mine = {
      name: 'mine',
      asksOpenAI: false,
      wantsLogin: false,
      key: 'MY_KEY',
      variables: ['MY_KEY', 'MY_TEAM'],
    };
    const env = { MY_KEY: 'k', MY_TEAM: 't', OTHER_KEY: 'o' };
    assert.deepEqual(environmentFor(env, undefined, mine), { MY_KEY: 'k', MY_TEAM: 't' });
  });

  it('offers OPENAI_API_KEY as CODEX_API_KEY, unless that is set', () => {
    const ours = { OPENAI_API_KEY: 'k' };
    assert.deepEqual(withKey({ A: '1' }, ours), { A: '1', CODEX_API_KEY: 'k' });
    assert.deepEqual(withKey({ CODEX_API_KEY: 'own' }, ours), { CODEX_API_KEY: 'own' });
    assert.deepEqual(withKey({ A: '1' }, {}), { A: '1' });
  });

  it('may hold what codex takes in place of a login', () => {
    assert.equal(isKeyed({ CODEX_API_KEY: 'k' }), true);
    assert.equal(isKeyed({ CODEX_ACCESS_TOKEN: 'k' }), true);
    assert.equal(isKeyed({ CODEX_API_KEY: '', OPENAI_API_KEY: 'k' }), false);
  });

  describe('of commands of the model', () => {
    const set = (name: string, value: string) => `shell_environment_policy.set.${name}=${value}`;

    it('has the proxies without their name and password', () => {
      const env = {
        HTTPS_PROXY: 'http://me:p@ss@proxy:3128',
        http_proxy: 'me:pass@proxy:3128',
        all_proxy: 'socks5://proxy:1080',
        no_proxy: 'a@b',
        HOME: '/home/me@work',
      };
      assert.deepEqual(settingsForCommands(env, undefined, openai), [
        set('HTTPS_PROXY', '"http://proxy:3128"'),
        set('http_proxy', '"proxy:3128"'),
      ]);
    });

    it('has nothing of what the provider reads, whatever it is called', () => {
      const mine = { ...openai, variables: ['MY_PASS', 'MY_KEY'] };
      const env = { MY_PASS: 'p', MY_KEY: 'k' };
      assert.deepEqual(settingsForCommands(env, undefined, mine), [set('MY_PASS', '""')]);
    });

    it('has all that the step names', () => {
      const mine = { ...openai, variables: ['MY_PASS'] };
      const env = { MY_PASS: 'p', https_proxy: 'http://me:pass@proxy' };
      assert.deepEqual(settingsForCommands(env, ['MY_PASS', 'https_proxy'], mine), []);
      assert.deepEqual(settingsForCommands(env, env, mine), []);
    });
  });

  it('tells what has to stay secret of its proxies', () => {
    const env = {
      https_proxy: 'http://me:p%40ssword@proxy:3128',
      HTTP_PROXY: 'http://proxy',
      X: 'a:bcdefghi@c',
    };
    assert.deepEqual(secretsOfProxies(env), ['me:p%40ssword', 'p%40ssword', 'p@ssword']);
  });
});
