import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../../lib/errors.js';
import type { CodexConfig } from '../../../../lib/steps/codex/config.js';
import type { StepEnvironment } from '../../../../lib/steps/contract.js';
import { folderWith } from '../../../helpers/folder.js';
import { gitIn, repositoryWith, userWith } from '../../../helpers/repository.js';
import { Stage } from '../../../helpers/worktree-stage.js';

describe('codex: worktrees that cannot be', () => {
  async function issueOf(
    workdir: string,
    overrides: Partial<StepEnvironment> = {},
    config: Partial<CodexConfig> = {},
  ): Promise<string> {
    const stage = new Stage();
    const adding = stage.add(config, workdir, { where: 'steps[1]', ...overrides });
    return adding.then(
      () => assert.fail('it was accepted'),
      (error) => (error instanceof ConfigError ? error.message : assert.fail(error)),
    );
  }
  const files = {
    'a.txt': 'a\n',
    'b.txt': 'b\n',
    'c.txt': 'c\n',
    'sub/d.txt': 'd\n',
    '.gitignore': 'ignored\n',
  };
  const listedIn = (root: string, names: readonly string[]) => ({
    listed: () => names.map((name) => join(root, name)),
  });

  it('are refused without a repository', async () => {
    const folder = folderWith();
    const text = await issueOf(folder);
    assert.ok(text.startsWith(`steps[1].worktree: needs git, and a repository at ${folder}: `), text);
    assert.match(text, /not a git repository/);
  });

  it('are refused without git', async () =>
    assert.match(await issueOf(folderWith(), { env: { PATH: '/nowhere' } }), /cannot start "git"/));

  it('are refused without a commit', async () => {
    const folder = folderWith(files);
    gitIn(folder, 'init', '--quiet');
    assert.match(await issueOf(folder), /^steps\[1\]\.worktree: the repository .* has no commit yet/);
  });

  it('are refused where the commit lacks the folder', async () => {
    const root = repositoryWith(files);
    mkdirSync(join(root, 'new'));
    assert.match(
      await issueOf(join(root, 'new')),
      /the folder .*\/new isn't in the commit [0-9a-f]{10}; commit/,
    );
  });

  it('are refused where inputs differ from the commit, and the ways out are told', async () => {
    const root = repositoryWith(files);
    for (const name of ['a.txt', 'new.txt', 'ignored']) writeFileSync(join(root, name), 'x\n');
    const one = await issueOf(root, listedIn(root, ['b.txt', 'new.txt']));
    assert.match(one, /commit [0-9a-f]{10}, where new\.txt isn't as it is in .*commit.*--allow-dirty/);
    rmSync(join(root, 'c.txt'));
    const many = await issueOf(root, listedIn(root, ['b.txt', 'new.txt', 'a.txt', 'ignored', 'c.txt']));
    assert.match(many, /where new\.txt, a\.txt, ignored and 1 more aren't as they are in /);
  });

  it('are said to lack what programs make that the repository alone names, not what those of the user make', async () => {
    const root = repositoryWith(files);
    const told = async (env: StepEnvironment['env']) => {
      const stage = new Stage(root);
      await stage.add({}, root, { env });
      return stage.notices;
    };
    const env = { PATH: process.env.PATH };
    assert.deepEqual(await told(env), []);
    gitIn(root, 'config', 'filter.crypt.smudge', 'crypt');
    gitIn(root, 'config', 'filter.crypt.clean', 'crypt');
    gitIn(root, 'config', 'credential.helper', 'cache');
    assert.deepEqual(await told(env), [
      `worktrees are made without the programs that the settings of ${root} itself name (filter.crypt); those that you ` +
        'know belong into your own settings (git config --global)',
    ]);
    assert.deepEqual(await told(userWith('[filter "crypt"]\n\tsmudge = crypt\n\tclean = crypt\n')), []);
  });

  it('are fine with other changes, with inputs outside, and with what the user allows', async () => {
    const root = repositoryWith(files);
    writeFileSync(join(root, 'a.txt'), 'x\n');
    const outside = join(folderWith({ 'o.txt': 'o' }), 'o.txt');
    const stage = new Stage(root);
    await stage.add({}, root, { listed: () => [join(root, 'b.txt'), outside] });
    const allow = { dirty: true, sharedWorkdir: false, danger: false };
    await new Stage(root).add({}, root, { ...listedIn(root, ['a.txt']), allow });
  });
});
