import assert from 'node:assert/strict';
import { digestOfValue } from '../../../lib/basis.js';
import { basisOf } from '../../../lib/steps/codex/basis.js';
import type { CodexConfig } from '../../../lib/steps/codex/config.js';
import { rendering, setup } from '../../helpers/setup.js';

describe('codex: what decides an answer', () => {
  const config: CodexConfig = {
    type: 'codex',
    prompt: 'Say hello',
    model: 'm',
    schema: { type: 'object' },
    config: { model_reasoning_effort: 'low' },
  };

  async function digestOf(changes: Partial<CodexConfig>): Promise<string | null> {
    const whole = { ...config, ...changes };
    const workplace = { commit: null, within: assert.fail, close: async () => {} };
    const render = Object.assign(
      rendering(() => ''),
      { words: [whole.prompt ?? ''] },
    );
    const { fixed } = await basisOf(whole, { workdir: '/', workplace, render }, setup());
    return digestOfValue(fixed);
  }

  const others: readonly Partial<CodexConfig>[] = [
    { prompt: 'Say goodbye' },
    { model: 'other' },
    { schema: { type: 'object', required: ['hello'] } },
    { sandbox: 'workspace-write' },
    { config: { model_reasoning_effort: 'high' } },
    { worktree: true },
  ];
  for (const changes of others) {
    it(`another one with ${JSON.stringify(changes)}`, async () => {
      assert.notEqual(await digestOf(changes), await digestOf({}));
    });
  }

  const same: readonly Partial<CodexConfig>[] = [
    { sandbox: 'read-only' },
    { worktree: false },
    { name: 'other', timeout: 5, retries: 2, parallel: 1, idleTimeout: 5 },
    { ephemeral: true, bin: 'codex', env: ['LANG'] },
  ];
  for (const changes of same) {
    it(`the same one with ${JSON.stringify(changes)}`, async () => {
      assert.equal(await digestOf(changes), await digestOf({}));
    });
  }
});
