import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { Subject } from 'rxjs';
import { Artefacts } from '../../../lib/artefacts.js';
import { ConfigError, StepFailure } from '../../../lib/errors.js';
import type { Flow, StepFacts } from '../../../lib/flow.js';
import { thisProcess } from '../../../lib/processes/identity.js';
import type { CodexConfig } from '../../../lib/steps/codex/config.js';
import { makeFiles } from '../../../lib/steps/codex/files.js';
import { type Workplace, workplaceFor } from '../../../lib/steps/codex/workplace.js';
import type { Setup } from '../../../lib/steps/contract.js';
import { newFlow } from '../../helpers/flows.js';
import { folderWith } from '../../helpers/folder.js';
import { until } from '../../helpers/program.js';
import { commitAll, gitIn, repositoryWith } from '../../helpers/repository.js';
import { contextWith, setup } from '../../helpers/setup.js';

/** One run of codex steps that have worktrees; instead of codex, a function works there. */
class Stage {
  readonly root: string;
  readonly artefacts = new Artefacts(folderWith());
  readonly finished$ = new Subject<string>();
  readonly notices: string[] = [];
  readonly #steps: Workplace[] = [];

  constructor(root = repositoryWith({ 'a.txt': 'one\n', 'sub/b.txt': 'b\n', '.gitignore': 'ignored/\n' })) {
    this.root = root;
  }

  /** Adds a step; its number. */
  async add(
    config: Partial<CodexConfig> = {},
    workdir = this.root,
    overrides: Partial<Setup> = {},
  ): Promise<number> {
    const { artefacts, finished$, notices } = this;
    const where = `steps[${this.#steps.length}]`;
    const notice = (line: string) => notices.push(line);
    const whole = setup({ where, artefacts, finished$, notice, workdir: this.root, ...overrides });
    return (
      this.#steps.push(await workplaceFor({ type: 'codex', worktree: true, ...config }, workdir, whole)) - 1
    );
  }

  /** Has a step do its work for a flow; the flow as it leaves, as a done step makes it. */
  async visit(step: number, flow: Flow, work: (folder: string) => unknown, attempt = 1): Promise<Flow> {
    const { facts, failure } = await this.attempt(step, flow, work, attempt);
    if (failure) throw failure;
    const record = {
      name: 'codex',
      type: 'codex',
      status: 'done',
      startedAt: '',
      ms: 0,
      attempts: 1,
    } as const;
    return { ...flow, steps: [...flow.steps, { ...record, ...facts }] };
  }

  async attempt(
    step: number,
    flow: Flow,
    work: (folder: string) => unknown,
    attempt = 1,
    signal?: AbortSignal,
  ): Promise<{ facts: StepFacts; failure: unknown }> {
    const context = { ...contextWith(signal), attempt };
    const files = await makeFiles(this.artefacts, 'prompt', undefined);
    const place = this.#steps[step] ?? assert.fail('no such step');
    const failure = await place
      .within({ flow, context, files }, async (folder) => work(folder))
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    return { facts: context.facts, failure };
  }

  async close(): Promise<void> {
    await Promise.all(this.#steps.map((step) => step.close()));
  }

  /** Folders of worktrees. */
  get left(): string[] {
    return readdirSync(this.artefacts.directory).filter((name) => name.startsWith('worktree_'));
  }

  /** How many worktrees git knows, the user's included. */
  get known(): number {
    return gitIn(this.root, 'worktree', 'list').trimEnd().split('\n').length;
  }

  assertClean(): void {
    assert.deepEqual(this.left, []);
    assert.equal(this.known, 1);
    assert.equal(gitIn(this.root, 'status', '--porcelain'), '');
  }
}

const append = (text: string) => (folder: string) =>
  writeFileSync(join(folder, 'a.txt'), text, { flag: 'a' });
const flowOf = (index: number, facts: Partial<Flow> = {}) => newFlow({ id: `flow${index}`, index, ...facts });
const textOf = (patch: string | undefined) => readFileSync(patch ?? assert.fail('no patch'), 'utf8');
/** A promise, and what fulfils it. */
function latch() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const fail = () => {
  throw new StepFailure('exit', 'it failed');
};

describe('codex: worktrees of flows', () => {
  it('are private, one for each flow, and leave what was changed as a patch', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const folders = new Set<string>();
    const flows = await Promise.all(
      [0, 1, 2, 3].map((index) =>
        stage.visit(step, flowOf(index), (folder) => {
          folders.add(folder);
          assert.equal(statSync(join(folder, '..')).mode & 0o777, 0o700);
          append(`flow ${index}\n`)(folder);
        }),
      ),
    );
    assert.equal(folders.size, 4);
    for (const [index, flow] of flows.entries()) {
      const { patch, changes, worktree } = flow.steps[0] ?? assert.fail();
      assert.match(textOf(patch), new RegExp(`^ one\n\\+flow ${index}\n$`, 'm'));
      assert.deepEqual(changes, { files: 1, insertions: 1, deletions: 0 });
      assert.equal(worktree, undefined);
    }
    await stage.close();
    stage.assertClean();
  });

  it('are in the folder of the step', async () => {
    const stage = new Stage();
    const step = await stage.add({}, join(stage.root, 'sub'));
    await stage.visit(step, flowOf(0), (folder) => {
      assert.equal(relative(join(folder, '..'), folder), 'sub');
      assert.deepEqual(readdirSync(folder), ['b.txt']);
    });
    await stage.close();
  });

  it('are told as the folder for artefacts was given', async () => {
    const stage = new Stage();
    const artefacts = new Artefacts(relative(process.cwd(), stage.artefacts.directory));
    const step = await stage.add({ worktree: 'keep' }, stage.root, { artefacts });
    const { facts } = await stage.attempt(step, flowOf(0), append('x\n'));
    assert.ok(facts.worktree?.startsWith(`${artefacts.directory}/worktree_`), facts.worktree);
    await stage.close();
  });

  it('leave no patch where nothing was changed', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const { facts } = await stage.attempt(step, flowOf(0), (folder) => {
      mkdirSync(join(folder, 'ignored'));
      writeFileSync(join(folder, 'ignored/x'), 'x');
      mkdirSync(join(folder, '.agents'));
    });
    assert.deepEqual(facts, { changes: { files: 0, insertions: 0, deletions: 0 } });
    await stage.close();
    stage.assertClean();
  });

  it('stay at the commit at which the run began', async () => {
    const stage = new Stage();
    const step = await stage.add();
    writeFileSync(join(stage.root, 'a.txt'), 'two\n');
    commitAll(stage.root);
    await stage.visit(step, flowOf(0), (folder) =>
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\n'),
    );
    await stage.close();
  });

  it('are shared by the steps of a flow; each patch holds what its step changed', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add()];
    const folders: string[] = [];
    const one = await stage.visit(first, flowOf(0), (folder) => {
      folders.push(folder);
      append('first\n')(folder);
      mkdirSync(join(folder, 'ignored'));
    });
    const two = await stage.visit(second, one, (folder) => {
      folders.push(folder);
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nfirst\n');
      assert.ok(existsSync(join(folder, 'ignored')));
      append('second\n')(folder);
    });
    assert.equal(folders[0], folders[1]);
    const patches = two.steps.map(({ patch }) => patch ?? assert.fail('no patch'));
    assert.match(textOf(patches[1]), /^ first\n\+second$/m);
    for (const patch of patches) gitIn(stage.root, 'apply', '--3way', patch);
    assert.equal(readFileSync(join(stage.root, 'a.txt'), 'utf8'), 'one\nfirst\nsecond\n');
    await stage.close();
  });

  it('begin each attempt where the step began; what a failed one changed is kept beside it', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add({ retries: 1 })];
    const flow = await stage.visit(first, flowOf(0), append('first\n'));
    const spoil = (folder: string) => {
      rmSync(join(folder, 'a.txt'));
      writeFileSync(join(folder, 'junk'), 'junk\n');
      fail();
    };
    const failed = await stage.attempt(second, flow, spoil);
    assert.ok(failed.failure instanceof StepFailure && failed.failure.message === 'it failed');
    assert.deepEqual(failed.facts.changes, { files: 2, insertions: 1, deletions: 2 });
    assert.match(textOf(failed.facts.patch), /junk/);
    const done = await stage.visit(
      second,
      flow,
      (folder) => {
        assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nfirst\n');
        assert.equal(existsSync(join(folder, 'junk')), false);
        append('second\n')(folder);
      },
      2,
    );
    assert.deepEqual(done.steps[1]?.changes, { files: 1, insertions: 1, deletions: 0 });
    await stage.close();
    stage.assertClean();
  });

  it('of branches are their own, and build on what the flow did before', async () => {
    const stage = new Stage();
    const [first, second, third] = [await stage.add(), await stage.add(), await stage.add()];
    const binary = Buffer.from([0, 1, 2, 3]);
    const parent = await stage.visit(first, flowOf(0), (folder) => {
      append('parent\n')(folder);
      writeFileSync(join(folder, 'new.bin'), binary);
    });
    const folders = new Set<string>();
    const ends = await Promise.all(
      [0, 1, 2].map(async (position) => {
        const branch = { ...parent, branch: [position] };
        const between = await stage.visit(second, branch, (folder) => {
          folders.add(folder);
          assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nparent\n');
          assert.deepEqual(readFileSync(join(folder, 'new.bin')), binary);
          append(`branch ${position}\n`)(folder);
        });
        return stage.visit(third, between, (folder) => {
          folders.add(folder);
          append('last\n')(folder);
        });
      }),
    );
    assert.equal(folders.size, 3);
    for (const [position, { steps }] of ends.entries()) {
      const clone = join(folderWith(), 'clone');
      gitIn(stage.root, 'clone', '--quiet', '.', clone);
      for (const { patch } of steps) gitIn(clone, 'apply', '--3way', patch ?? assert.fail('no patch'));
      assert.equal(readFileSync(join(clone, 'a.txt'), 'utf8'), `one\nparent\nbranch ${position}\nlast\n`);
    }
    await stage.close();
    stage.assertClean();
  });

  it('are made anew from the patches of steps that an earlier run did', async () => {
    const stage = new Stage();
    const flow = await stage.visit(await stage.add(), flowOf(0), append('first\n'));
    await stage.close();
    const later = new Stage(stage.root);
    await later.add();
    const step = await later.add();
    await later.visit(step, flow, (folder) =>
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one\nfirst\n'),
    );
    rmSync(flow.steps[0]?.patch ?? '');
    const { failure } = await later.attempt(step, { ...flow, id: 'another' }, fail);
    assert.ok(failure instanceof StepFailure);
    assert.equal(failure.kind, 'input');
    assert.match(failure.message, /an earlier step can't be applied .*changes\.patch/);
    await later.close();
    later.assertClean();
  });

  it('of two repositories know their own patches by the names of the steps', async () => {
    const stage = new Stage();
    const other = repositoryWith({ 'a.txt': 'other\n' });
    const first = await stage.add();
    const second = await stage.add({ name: 'second' }, other);
    const flow = await stage.visit(first, flowOf(0), append('x\n'));
    await stage.visit(second, flow, (folder) =>
      assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'other\n'),
    );
    const third = repositoryWith({ 'a.txt': 'third\n' });
    await assert.rejects(stage.add({}, third), /steps\[2\]\.name: shares its name "codex".*name both/);
    await stage.close();
  });

  it('are removed when the flow has ended, or its last step is done', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add()];
    const one = await stage.visit(first, flowOf(1), append('x\n'));
    await stage.visit(first, flowOf(2), append('x\n'));
    assert.equal(stage.left.length, 2);
    await stage.visit(second, one, append('y\n'));
    await until('the first is removed', () => stage.left.length === 1 && stage.known === 2);
    stage.finished$.next('flow2');
    await until('the second is removed', () => stage.left.length === 0 && stage.known === 1);
    await stage.close();
    stage.assertClean();
  });

  it('are kept where a step says so, whatever becomes of the flow', async () => {
    const stage = new Stage();
    const [first, second] = [await stage.add(), await stage.add({ worktree: 'keep' })];
    const flow = await stage.visit(first, flowOf(0), append('x\n'));
    const { facts } = await stage.attempt(second, flow, (folder) => {
      append('y\n')(folder);
      fail();
    });
    stage.finished$.next('flow0');
    await stage.close();
    const kept = facts.worktree ?? assert.fail('it is not told');
    assert.equal(readFileSync(join(kept, 'a.txt'), 'utf8'), 'one\nx\ny\n');
    assert.match(gitIn(kept, 'status', '--porcelain'), /^ M a\.txt$/m);
    assert.deepEqual(readdirSync(join(kept, '..')), ['tree']);
  });

  it('are closed only when nobody works there any more, and then none is left', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const controller = new AbortController();
    const [began, work] = [latch(), latch()];
    const late = async (folder: string) => {
      append('late\n')(folder);
      began.open();
      await work.opened;
      controller.signal.throwIfAborted();
    };
    const working = stage.attempt(step, flowOf(0), late, 1, controller.signal);
    await began.opened;
    controller.abort(new Error('enough'));
    const never = () => assert.fail('it began');
    const waiting = stage.attempt(step, flowOf(1), never, 1, controller.signal);
    const closing = stage.close();
    work.open();
    await closing;
    const { facts } = await working;
    assert.match(textOf(facts.patch), /late/);
    assert.match(String((await waiting).failure), /enough/);
    stage.assertClean();
  });

  it('with a repository within are kept, since no patch can hold it', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const { facts } = await stage.attempt(step, flowOf(0), (folder) => {
      mkdirSync(join(folder, 'mine'));
      gitIn(join(folder, 'mine'), 'init', '--quiet');
      append('x\n')(folder);
    });
    assert.deepEqual(facts.changes, { files: 1, insertions: 1, deletions: 0 });
    await stage.close();
    assert.ok(existsSync(join(facts.worktree ?? '', 'mine/.git')));
    assert.match(stage.notices.join(), /repository of its own.*tree\/mine/);
  });

  it('whose changes cannot be kept as a patch stay, and the step fails', async () => {
    const stage = new Stage();
    const step = await stage.add();
    const { failure } = await stage.attempt(step, flowOf(0), (folder) => {
      append('x\n')(folder);
      const [attempt = ''] = readdirSync(stage.artefacts.directory).filter((name) =>
        name.startsWith('codex_exec'),
      );
      writeFileSync(join(stage.artefacts.directory, attempt, 'changes.patch'), 'in the way');
    });
    assert.ok(failure instanceof StepFailure);
    assert.match(failure.message, /can't be kept as a patch .*; see .*\/worktree_\w+\/tree$/);
    await stage.close();
    const [folder = ''] = stage.left;
    assert.equal(readFileSync(join(stage.artefacts.directory, folder, 'tree/a.txt'), 'utf8'), 'one\nx\n');
  });

  it('that cannot be made fail the flow, and leave nothing', async () => {
    const stage = new Stage(repositoryWith({ 'a.txt': 'one\n', '.gitattributes': '* filter=broken\n' }));
    gitIn(stage.root, 'config', 'filter.broken.smudge', 'false');
    gitIn(stage.root, 'config', 'filter.broken.required', 'true');
    const { failure } = await stage.attempt(await stage.add(), flowOf(0), () => assert.fail('it began'));
    assert.match(String(failure), /the flow can't have a worktree: git reset failed: .*smudge filter/);
    assert.deepEqual([stage.left, stage.known], [[], 1]);
    await stage.close();
  });

  it('of a process that was killed are removed by the next run, and no others', async () => {
    const stage = new Stage();
    const ended = spawnSync('true').pid;
    const owners: Record<string, object | null> = {
      dead: { ...thisProcess(), pid: ended },
      recycled: { ...thisProcess(), pid: process.ppid },
      restarted: { ...thisProcess(), boot: 'an earlier one' },
      alive: thisProcess(),
      foreign: { ...thisProcess(), pid: ended, host: 'another', boot: 'its own' },
      contained: { ...thisProcess(), pid: ended, namespace: 'another' },
      kept: null,
    };
    const { directory } = stage.artefacts;
    for (const [name, owner] of Object.entries(owners)) {
      const folder = join(directory, `worktree_${name}`);
      mkdirSync(folder);
      gitIn(stage.root, 'worktree', 'add', '--quiet', '--detach', join(folder, name));
      gitIn(stage.root, 'worktree', 'move', join(folder, name), join(folder, 'tree'));
      if (owner) writeFileSync(join(folder, 'owner.json'), JSON.stringify(owner));
    }
    symlinkSync('worktree_dead', join(directory, 'worktree_link'));
    await stage.visit(await stage.add(), flowOf(0), append('x\n'));
    await stage.close();
    const rest = ['alive', 'contained', 'foreign', 'kept', 'link'].map((name) => `worktree_${name}`);
    assert.deepEqual(stage.left.sort(), rest);
    assert.equal(stage.known, 5);
  });
});

describe('codex: worktrees that cannot be', () => {
  async function issueOf(
    workdir: string,
    overrides: Partial<Setup> = {},
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
