import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { digestOfValue } from '../../../lib/step/fingerprint.js';
import { Artefacts } from '../../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../../lib/steps/codex/config.js';
import { fingerprintOf } from '../../../lib/steps/codex/fingerprint.js';
import type { StepEnvironment } from '../../../lib/steps/contract.js';
import { newFlow } from '../../helpers/flows.js';
import { folderWith } from '../../helpers/folder.js';
import { commitAll, repositoryWith } from '../../helpers/repository.js';
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
    const { static: fixed } = await fingerprintOf(whole, { workdir: '/', workplace, render }, setup());
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

  describe('in the workdir itself, in a later session of the run', () => {
    const render = rendering(() => '');
    const fixedIn = async (workdir: string, before: StepEnvironment['before'] = []) => {
      const whole = setup({ keeps: true, before, artefacts: new Artefacts(folderWith()) });
      const { static: fixed } = await fingerprintOf(config, { workdir, workplace, render }, whole);
      return fixed;
    };

    const edits: readonly [string, boolean, (root: string) => void][] = [
      ['nothing', true, () => {}],
      ['a file that appeared', true, (root) => writeFileSync(join(root, 'out.ndjson'), '{}\n')],
      ['a file that appeared and was emptied', true, (root) => writeFileSync(join(root, 'out.ndjson'), '')],
      [
        'an untracked file that was there',
        false,
        (root) => writeFileSync(join(root, 'notes.md'), 'others\n'),
      ],
      ['an untracked file that is gone', false, (root) => rmSync(join(root, 'notes.md'))],
      ['a tracked file', false, (root) => writeFileSync(join(root, 'a.txt'), 'b\n')],
      [
        'the commit',
        false,
        (root) => {
          writeFileSync(join(root, 'a.txt'), 'b\n');
          commitAll(root);
        },
      ],
    ];
    for (const [what, isSame, edit] of edits) {
      it(`${isSame ? 'the same one' : 'another one'} after a change of ${what}`, async () => {
        const root = repositoryWith({ 'a.txt': 'a\n' });
        writeFileSync(join(root, 'notes.md'), 'notes\n');
        const first = await fixedIn(root);
        edit(root);
        const kept = JSON.parse(JSON.stringify([{ type: 'openai' }, first]));
        const later = await fixedIn(root, kept);
        assert.equal(digestOfValue(later) === digestOfValue(first), isSame);
        const third = await fixedIn(root, [...kept, later]);
        assert.deepEqual(third, later);
      });
    }

    it('names the files that it depends on; of very many only that they changed', async () => {
      const root = repositoryWith({ 'a.txt': 'a\n' });
      writeFileSync(join(root, 'a.txt'), 'b\n');
      writeFileSync(join(root, 'notes.md'), 'notes\n');
      const { changed, untracked } = z
        .object({ changed: z.object({}).loose(), untracked: z.object({}).loose() })
        .parse((await fixedIn(root)).files);
      assert.deepEqual([Object.keys(changed), Object.keys(untracked)], [['a.txt'], ['notes.md']]);
      for (let n = 0; n < 1001; n++) writeFileSync(join(root, `n${n}`), 'x');
      z.object({ untracked: z.string() }).parse((await fixedIn(root)).files);
    });
  });

  it('another one with other changes of an earlier step, whatever that said', async () => {
    const place = { workdir: '/', workplace, render: rendering(() => '') };
    const { dynamic } = await fingerprintOf(config, place, setup());
    const step = { name: 'one', type: 'codex', status: 'done', startedAt: '', ms: 0, attempts: 1 } as const;
    const patched = (folder: string) =>
      dynamic(newFlow({ steps: [{ ...step, patch: `${folder}/changes.patch` }] }));
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
