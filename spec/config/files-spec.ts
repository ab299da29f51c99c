import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigStep } from '../../lib/config/checked.js';
import { check, good, keysOf, only } from '../helpers/checked-steps.js';
import { folderWith } from '../helpers/folder.js';
import { contextWith, flowWith, setup } from '../helpers/setup.js';

/** What the type is given to create a step from; `ask` answers with it. */
async function configOf(step: ConfigStep): Promise<unknown> {
  const made = await step.create(setup());
  return 'run' in made ? JSON.parse(await made.run(flowWith(''), contextWith())) : made;
}

describe('checkSteps, files', () => {
  it('reads promptFile, relative to the config, as the prompt', async () => {
    const folder = folderWith({ 'prompts/p.md': '\ufeffSay {{{foo}}}' });
    const { templates } = await only(
      { type: 'ask', promptFile: 'prompts/p.md' },
      { folder, keys: keysOf('foo') },
    );
    assert.deepEqual(templates, [{ field: 'promptFile', text: 'Say {{{foo}}}' }]);
  });

  it('makes paths absolute, against the config’s folder', async () => {
    const folder = folderWith({ 'p.md': 'Hi' });
    const defaults = { ask: { workdir: '../work' } };
    const step = await only({ type: 'ask', promptFile: 'p.md' }, { folder, defaults });
    assert.deepEqual(await configOf(step), {
      type: 'ask',
      workdir: resolve(folder, '../work'),
      prompt: 'Hi',
    });
  });

  it('takes a program for a path only where it holds a slash', async () => {
    const folder = folderWith({});
    for (const [bin, expected] of [
      ['./tools/ask', resolve(folder, 'tools/ask')],
      ['ask', 'ask'],
    ]) {
      const step = await only({ ...good, bin }, { folder });
      assert.deepEqual(await configOf(step), { ...good, bin: expected });
    }
  });

  it('reports a promptFile that is missing, a directory, empty or no UTF-8', async () => {
    const folder = folderWith({ 'dir/x': '', empty: '', latin1: Buffer.from([0xe4]) });
    const steps = ['no.md', 'dir', 'empty', 'latin1'].map((promptFile) => ({ type: 'ask', promptFile }));
    assert.deepEqual((await check(steps, { folder })).issues, [
      `steps[0].promptFile: ${join(folder, 'no.md')} does not exist; paths in a config are relative to its folder`,
      `steps[1].promptFile: ${join(folder, 'dir')} is a directory; expected a text file`,
      'steps[2].promptFile: is empty',
      `steps[3].promptFile: ${join(folder, 'latin1')} is not UTF-8: invalid byte 0xe4 at position 0`,
    ]);
  });

  it('reports a promptFile that is a named pipe, endless or too large, and reads no more of it than it takes', async () => {
    const folder = folderWith({ large: '' });
    truncateSync(join(folder, 'large'), 2 ** 26 + 1);
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    symlinkSync('/dev/zero', join(folder, 'zero'));
    const steps = ['large', 'pipe', 'zero'].map((promptFile) => ({ type: 'ask', promptFile }));
    assert.deepEqual((await check(steps, { folder })).issues, [
      `steps[0].promptFile: ${join(folder, 'large')} is larger than 64 MiB; expected a text file`,
      `steps[1].promptFile: ${join(folder, 'pipe')} is a named pipe; expected a text file`,
      `steps[2].promptFile: ${join(folder, 'zero')} is larger than 64 MiB; expected a text file`,
    ]);
  });

  it('refuses prompt and promptFile both, without reading', async () => {
    const { issues } = await check([{ ...good, promptFile: 'no.md' }]);
    assert.deepEqual(issues, ['steps[0].prompt: expected one of prompt and promptFile']);
  });
});
