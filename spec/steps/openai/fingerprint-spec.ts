import assert from 'node:assert/strict';
import { digestOfValue } from '../../../lib/step/fingerprint.js';
import type { OpenAIConfig } from '../../../lib/steps/openai/config.js';
import { openaiCalls } from '../../helpers/openai-calls.js';
import { worded } from '../../helpers/setup.js';

describe('openai: what decides an answer', () => {
  const { create } = openaiCalls();
  const config = { model: 'm', schema: { type: 'object' }, request: { temperature: 0 } };
  async function digestOf(changes: Partial<OpenAIConfig>): Promise<string | null> {
    const { fingerprint } = await create({ ...config, ...changes }, { prompt: worded, template: worded });
    return digestOfValue(fingerprint?.static);
  }

  const others: readonly Partial<OpenAIConfig>[] = [
    { prompt: 'How?' },
    { instructions: 'Be short.' },
    { model: 'other' },
    { schema: { type: 'object', required: ['answer'] } },
    { request: { temperature: 1 } },
    { api: 'chat' },
    { baseUrl: 'http://127.0.0.1:9/v1' },
  ];
  for (const changes of others) {
    it(`another one with ${JSON.stringify(changes)}`, async () => {
      assert.notEqual(await digestOf(changes), await digestOf({}));
    });
  }

  it('the same one whatever the name, the time-out, the retries and the cap', async () => {
    const changes = { name: 'other', timeout: 5, retries: 2, parallel: 1 };
    assert.equal(await digestOf(changes), await digestOf({}));
  });
});
