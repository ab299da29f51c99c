import assert from 'node:assert/strict';
import { fields, isServerUrl, mistakes } from '../../../lib/steps/openai/config.js';

describe('openai config', () => {
  const rows: readonly [string, object, readonly [string, string][]][] = [
    ['a prompt', { prompt: 'Why?' }, []],
    ['an empty prompt', { prompt: '' }, [['prompt', 'is empty; say what is asked for']]],
    ['a blank prompt', { prompt: ' \n' }, [['prompt', 'is empty; say what is asked for']]],
    ['a promptFile', { promptFile: '/p.md' }, []],
    ['neither', {}, [['prompt', 'missing; give `prompt` or `promptFile`']]],
    ['both', { prompt: '', promptFile: '/p' }, [['promptFile', 'stands beside `prompt`; give one of them']]],
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
      [['request.text.format', 'stands beside `schema`; give one of them']],
    ],
    [
      'two formats for chat',
      { prompt: 'p', schema: {}, request: { response_format: {} } },
      [['request.response_format', 'stands beside `schema`; give one of them']],
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
    ['no address', { baseUrl: 'localhost:11434' }, /address of a server/],
    ['an address with a password', { baseUrl: 'http://me:pass@host/v1' }, /address of a server/],
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
    it(`takes ${url} for the address of a server`, () => assert.ok(isServerUrl(url)));
  }

  for (const url of ['', 'host', 'ftp://host', 'http://host/v1?api-version=1', 'http://host/#a']) {
    it(`doesn't take '${url}' for one`, () => assert.ok(!isServerUrl(url)));
  }
});
