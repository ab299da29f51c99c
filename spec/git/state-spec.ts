import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateOf } from '../../lib/git/state.js';
import { folderWith } from '../helpers/folder.js';
import { commitAll, gitIn, repositoryWith } from '../helpers/repository.js';

const env = { PATH: process.env.PATH };
const state = (folder: string, ours = '') => stateOf(folder, env, (file) => file === join(folder, ours));

describe('the state of a checkout', () => {
  let root: string;

  beforeEach(() => {
    root = repositoryWith({ 'a.txt': 'a\n', '.gitignore': 'ignored\n' });
  });

  const changes: readonly [string, (root: string) => void][] = [
    [
      'a commit',
      (root) => {
        writeFileSync(join(root, 'a.txt'), 'b\n');
        commitAll(root);
      },
    ],
    ['a change that is not committed', (root) => writeFileSync(join(root, 'a.txt'), 'b\n')],
    ['a file that git does not know', (root) => writeFileSync(join(root, 'new.txt'), 'b\n')],
  ];
  for (const [title, change] of changes) {
    it(`is another one after ${title}`, async () => {
      const before = await state(root);
      assert.deepEqual(await state(root), before);
      change(root);
      assert.notDeepEqual(await state(root), before);
    });
  }

  it('has what differs by name, whatever the name and the settings of git', async () => {
    const config = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'color.ui', GIT_CONFIG_VALUE_0: 'always' };
    const settings = { ...config, GIT_CONFIG_KEY_1: 'diff.mnemonicPrefix', GIT_CONFIG_VALUE_1: 'true' };
    writeFileSync(join(root, 'b c.txt'), 'b\n');
    commitAll(root);
    writeFileSync(join(root, 'a.txt'), 'diff --git x x\n\rdiff --git y y\n');
    rmSync(join(root, 'b c.txt'));
    symlinkSync('a.txt', join(root, 'b c.txt'));
    for (const name of ['new file.txt', 'neu\u00e4.txt']) writeFileSync(join(root, name), 'x');
    const { changed = {}, untracked = {} } =
      (await stateOf(root, { ...env, ...settings }, () => false)) ?? {};
    assert.deepEqual(Object.keys(changed), ['a.txt', 'b c.txt']);
    assert.deepEqual(Object.keys(untracked), ['neu\u00e4.txt', 'new file.txt']);
  });

  it('is the same after an untracked file without content', async () => {
    const before = await state(root);
    writeFileSync(join(root, 'out.ndjson'), '');
    assert.deepEqual(await state(root), before);
  });

  it('is told without running what the checkout names', async () => {
    const submodule = join(root, 'sub');
    mkdirSync(submodule);
    gitIn(submodule, 'init', '--quiet');
    writeFileSync(join(submodule, 'b.txt'), 'b\n');
    commitAll(submodule);
    commitAll(root);
    const marks = folderWith();
    const plant = (name: string) => {
      const file = join(marks, `${name}.sh`);
      writeFileSync(file, `#!/bin/sh\ntouch '${marks}/ran-${name}'\ncat\n`, { mode: 0o755 });
      return file;
    };
    for (const kind of ['clean', 'smudge']) gitIn(root, 'config', `filter.own.${kind}`, plant(kind));
    gitIn(root, 'config', 'filter.two.parts.process', plant('process'));
    gitIn(root, 'config', 'filter.two.parts.required', 'true');
    gitIn(root, 'config', 'core.fsmonitor', plant('fsmonitor'));
    gitIn(root, 'config', 'diff.external', plant('external'));
    gitIn(root, 'config', 'diff.own.textconv', plant('textconv'));
    gitIn(root, 'config', 'diff.own.command', plant('command'));
    gitIn(submodule, 'config', 'core.fsmonitor', plant('submodule'));
    writeFileSync(join(root, '.git/info/attributes'), '* filter=own diff=own\nc.txt filter=two.parts\n');
    for (const name of ['a.txt', 'b.txt', 'sub/b.txt']) writeFileSync(join(root, name), 'changed\n');
    const { changed = {}, untracked = {} } = (await state(root)) ?? {};
    assert.deepEqual([Object.keys(changed), Object.keys(untracked)], [['a.txt'], ['b.txt']]);
    assert.deepEqual(
      readdirSync(marks).filter((name) => name.startsWith('ran-')),
      [],
    );
  });

  it('is unknown where git can not tell', async () => {
    writeFileSync(join(root, '.git/index'), 'damaged');
    await assert.rejects(state(root), /git (diff|ls-files) failed/);
  });

  it('is the same after what git ignores, and what this program writes', async () => {
    const before = await state(root, 'out.ndjson');
    writeFileSync(join(root, 'ignored'), 'x');
    writeFileSync(join(root, 'out.ndjson'), '{}\n');
    assert.deepEqual(await state(root, 'out.ndjson'), before);
  });

  it('is none outside a checkout', async () => {
    assert.equal(await state(folderWith()), null);
  });
});
