import assert from 'node:assert/strict';
import { secretsIn, secretsOfLogin } from '../../../../lib/steps/codex/program/program.js';
import { folderWith } from '../../../helpers/folder.js';

describe('the secrets of codex', () => {
  it('are known by the names of variables, and by what the provider reads', () => {
    const env = {
      OPENAI_API_KEY: 'sk-123456789',
      my_token: 'tok-123456',
      APP_SECRET: 'sec-123456',
      DB_PASSWORD: 'pass-123456',
      SHORT_KEY: 'true',
      KEYBOARD: 'querty-and-more',
      MY_TEAM: 'team-123456',
      UNSET_KEY: undefined,
    };
    assert.deepEqual(secretsIn(env, ['MY_TEAM', 'UNKNOWN']), [
      'sk-123456789',
      'tok-123456',
      'sec-123456',
      'pass-123456',
      'team-123456',
    ]);
  });

  it('are those of the login, too', async () => {
    const tokens = { id_token: 'id-123456', access_token: 'access-123456', account_id: 'account-123456' };
    const login = {
      OPENAI_API_KEY: 'sk-123456789',
      tokens,
      last_refresh: '2026-01-01T00:00:00Z',
      agent: null,
    };
    assert.deepEqual(await secretsOfLogin(folderWith({ 'auth.json': JSON.stringify(login) })), [
      'sk-123456789',
      'id-123456',
      'access-123456',
    ]);
  });

  it('are none where there is no login, or no such file', async () => {
    for (const text of ['{}', 'null', 'no JSON']) {
      assert.deepEqual(await secretsOfLogin(folderWith({ 'auth.json': text })), []);
    }
    assert.deepEqual(await secretsOfLogin(folderWith()), []);
  });
});
