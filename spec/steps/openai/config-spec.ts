import assert from 'node:assert/strict';
import { addressMistake, fields, mistakes } from '../../../lib/steps/openai/config.js';

describe('openai config', () => {
  const rows: readonly [string, object, readonly [string, string][]][] = [
    ['a prompt', { prompt: 'Why?' }, []],
    ['an empty prompt', { prompt: '' }, [['prompt', 'is empty; say what is asked for']]],
    ['a blank prompt', { prompt: ' \n' }, [['prompt', 'is empty; say what is asked for']]],
    ['a promptFile', { promptFile: '/p.md' }, []],
    ['neither', {}, [['prompt', 'missing; give `prompt` or `promptFile`']]],
    [
      'both',
      { prompt: '', promptFile: '/p' },
      [['promptFile', "can't be combined with `prompt`; give one of them"]],
    ],
    [
      '`model` in `request`',
      { prompt: 'p', request: { model: 'm' } },
      [['request.model', 'use the field `model`']],
    ],
    [
      'a stream',
      { prompt: 'p', request: { stream: true } },
      [['request.stream', 'the step takes whole answers, not streams; leave it out']],
    ],
    [
      'two formats',
      { prompt: 'p', schema: {}, request: { text: { format: {} } } },
      [['request.text.format', "can't be combined with `schema`; give one of them"]],
    ],
    [
      'two formats for chat',
      { prompt: 'p', schema: {}, request: { response_format: {} } },
      [['request.response_format', "can't be combined with `schema`; give one of them"]],
    ],
    ['`text` beside a schema', { prompt: 'p', schema: {}, request: { text: { verbosity: 'low' } } }, []],
  ];
  for (const [title, own, expected] of rows) {
    it(`judges ${title}`, () => {
      const found = mistakes({ type: 'openai', ...fields.parse(own) });
      assert.deepEqual(
        found.map(({ field, message }) => [field, message]),
        expected,
      );
    });
  }

  const bad: readonly [string, object, RegExp][] = [
    ['no address', { baseUrl: 'localhost:11434' }, /expected the address of a server/],
    [
      'an address with a password',
      { baseUrl: 'http://me:pass@host/v1' },
      /^a name and a password don't belong/,
    ],
    [
      'a key instead of the name of its variable',
      { apiKeyEnv: 'sk-123' },
      /name of an environment variable, not the key itself/,
    ],
    ['an unknown api', { api: 'completions' }, /responses/],
    ['an empty model', { model: '' }, /./],
  ];
  for (const [title, own, message] of bad) {
    it(`refuses ${title}`, () => {
      const { error } = fields.safeParse(own);
      assert.match(error?.issues[0]?.message ?? 'accepted', message);
    });
  }

  for (const url of ['http://localhost:11434/v1', 'https://models.example.com', 'http://[::1]:80/']) {
    it(`takes ${url} for the address of a server`, () => assert.equal(addressMistake(url), null));
  }

  const addresses: readonly [string, RegExp][] = [
    ['', /^expected the address of a server/],
    ['host', /^expected the address of a server/],
    ['localhost:11434', /^expected the address of a server/],
    ['ftp://host', /^expected the address of a server/],
    [
      'https://NAME.openai.azure.com/openai/deployments/d?api-version=1',
      /query .*\/openai\/v1` without one$/,
    ],
    ['http://host/#a', /fragment/],
    ['http://me@host/v1', /^a name and a password/],
    ['http://me:hunter22@host/v1?a=b', /^a name and a password/],
  ];
  for (const [url, message] of addresses) {
    it(`says what is wrong with '${url}' as one, without its password`, () => {
      const mistake = addressMistake(url) ?? '';
      assert.match(mistake, message);
      assert.ok(!mistake.includes('hunter22'));
    });
  }
});
