import assert from 'node:assert/strict';
import { digestOfValue } from '../../../lib/basis.js';
import { basisOf } from '../../../lib/steps/codex/basis.js';
import type { CodexConfig } from '../../../lib/steps/codex/config.js';
import { newFlow } from '../../helpers/flows.js';
import { rendering, setup } from '../../helpers/setup.js';

describe('codex: what decides an answer', () => {
  const config: CodexConfig = {
    type: 'codex',
    prompt: 'Say hello',
    model: 'm',
    schema: { type: 'object' },
    config: { model_reasoning_effort: 'low' },
  };

  const workplace = { commit: null, within: assert.fail, close: async () => {} };

  async function digestOf(changes: Partial<CodexConfig>): Promise<string | null> {
    const whole = { ...config, ...changes };
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

  it('another one with other changes of an earlier step, whatever that said', async () => {
    const place = { workdir: '/', workplace, render: rendering(() => '') };
    const { of } = await basisOf(config, place, setup());
    const step = { name: 'one', type: 'codex', status: 'done', startedAt: '', ms: 0, attempts: 1 } as const;
    const patched = (folder: string) =>
      of(newFlow({ steps: [{ ...step, patch: `${folder}/changes.patch` }] }));
    assert.deepEqual(patched('codex_exec_1'), patched('codex_exec_1'));
    assert.notDeepEqual(patched('codex_exec_1'), patched('codex_exec_2'));
  });

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
