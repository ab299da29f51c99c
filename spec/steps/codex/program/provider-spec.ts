import assert from 'node:assert/strict';
import type { Settings } from '../../../../lib/steps/codex/config.js';
import { providerIn } from '../../../../lib/steps/codex/program/provider.js';
import { folderWith } from '../../../helpers/folder.js';

const MINE = `
[model_providers.mine]
name = "Mine"
base_url = "http://localhost:1/v1"
env_key = "MY_KEY"
env_http_headers = { "X-Team" = "MY_TEAM" }
[model_providers.local]
base_url = "http://localhost:2/v1"
[model_providers.gateway]
base_url = "http://localhost:3/v1"
requires_openai_auth = true
[profiles.other]
model_provider = "local"
`;

describe('the provider of codex', () => {
  const providerFor = (config: string, own = {}) => providerIn(folderWith({ 'config.toml': config }), own);
  const openai = { name: 'openai', asksOpenAI: true, wantsLogin: true, key: undefined, variables: [] };
  const local = { name: 'local', asksOpenAI: false, wantsLogin: false, key: undefined, variables: [] };
  const mine = {
    name: 'mine',
    asksOpenAI: false,
    wantsLogin: false,
    key: 'MY_KEY',
    variables: ['MY_KEY', 'MY_TEAM'],
  };

  const rows: [string, string, Settings, object][] = [
    ['OpenAI, which wants a login', MINE, {}, openai],
    ['one that takes its key from a variable', `model_provider = "mine"${MINE}`, {}, mine],
    ['one that takes no key', `model_provider = "local"${MINE}`, {}, local],
    [
      'one that wants the login with OpenAI',
      `model_provider = "gateway"${MINE}`,
      {},
      { name: 'gateway', asksOpenAI: true, wantsLogin: true, key: undefined, variables: [] },
    ],
    ['that of the profile', `profile = "other"${MINE}`, {}, local],
    ['that of a profile which the step names', MINE, { profile: 'other' }, local],
    ['one that the step names', MINE, { model_provider: 'mine' }, mine],
    [
      'one that the step describes',
      '',
      { model_provider: 'new', 'model_providers.new.env_key': 'NEW_KEY' },
      { name: 'new', asksOpenAI: false, wantsLogin: false, key: 'NEW_KEY', variables: ['NEW_KEY'] },
    ],
    [
      'one that words of the step describe',
      '',
      ['model_provider=new', 'model_providers.new.env_key="NEW_KEY"'],
      { name: 'new', asksOpenAI: false, wantsLogin: false, key: 'NEW_KEY', variables: ['NEW_KEY'] },
    ],
    ['one that codex knows by itself', 'model_provider = "ollama"', {}, { ...local, name: 'ollama' }],
    ['OpenAI where the settings are no TOML', 'model_provider = ', {}, openai],
    [
      'OpenAI where the settings are of another shape',
      'model_provider = 3\nmodel_providers = "x"',
      {},
      openai,
    ],
  ];
  for (const [what, config, own, expected] of rows) {
    it(`is ${what}`, async () => assert.deepEqual(await providerFor(config, own), expected));
  }

  it('is OpenAI where there are no settings', async () => {
    assert.deepEqual(await providerIn(folderWith()), openai);
  });
});
