import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { type ResultRecord, type RunOptions, run } from '../../../../lib/index.js';
import { codexPlace, type Place, requireCodex, sandboxWorks } from '../../../helpers/codex.js';
import { until } from '../../../helpers/program.js';
import { commitAll, gitIn } from '../../../helpers/repository.js';
import { command, message, obedient, responsesServer } from '../../../helpers/responses-server.js';

type Turns = Parameters<typeof responsesServer>[0];

interface Stage {
  readonly place: Place;
  /** Of the repository. */
  readonly root: string;
  run(options: RunOptions): Promise<ResultRecord[]>;
  /** What the user's checkout would be with the patches, in their order; it is clean afterwards. */
  patched(patches: readonly (string | undefined)[], name: string): string;
  assertClean(): void;
}

describe('codex in worktrees, the real binary', () => {
  let bin: string;
  const lines = Array.from({ length: 9 }, (_, index) => `line ${index}\n`).join('');
  const base = { type: 'codex', sandbox: 'workspace-write', worktree: true, previous: false };

  before(function () {
    bin = requireCodex(this);
    if (!sandboxWorks(bin)) this.skip();
  });

  async function withRepository(turns: Turns, test: (stage: Stage) => Promise<void>): Promise<void> {
    await using server = await responsesServer(turns);
    await using place = await codexPlace(bin, server.port);
    const { workdir: root, env, generated } = place;
    gitIn(root, 'init', '--quiet');
    writeFileSync(join(root, 'shared.txt'), lines);
    commitAll(root);
    await test({
      place,
      root,
      run: (options) =>
        lastValueFrom(run({ workdir: root, env, generated, ...options }).results$.pipe(toArray())),
      patched(patches, name) {
        for (const patch of patches) gitIn(root, 'apply', '--3way', patch ?? assert.fail('no patch'));
        const text = readFileSync(join(root, name), 'utf8');
        gitIn(root, 'reset', '--quiet', '--hard');
        return text;
      },
      assertClean() {
        assert.equal(gitIn(root, 'status', '--porcelain'), '');
        assert.equal(gitIn(root, 'worktree', 'list').trimEnd().split('\n').length, 1);
        assert.deepEqual(
          readdirSync(generated).filter((name) => !/^(codex_exec_|\.gitignore$)/.test(name)),
          [],
        );
      },
    });
  }

  const patchesOf = ({ steps }: ResultRecord) => steps.flatMap(({ patch }) => (patch ? [patch] : []));

  it('changes one file in eight flows at once: eight right patches, and a clean checkout', () =>
    withRepository(obedient, async ({ root, run, patched, assertClean }) => {
      const prompt =
        'run: sed -i "s/line {{{n}}}/flow {{{n}}}/" shared.txt; echo "end {{{n}}}" >> shared.txt; ' +
        'echo {{{n}}} > new.txt; pwd';
      const records = await run({
        steps: [{ ...base, prompt }],
        keys: { n: { values: Array.from({ length: 8 }, (_, index) => String(index)) } },
        parallel: 8,
      });
      assert.equal(records.length, 8);
      assertClean();
      assert.equal(readFileSync(join(root, 'shared.txt'), 'utf8'), lines);
      for (const record of records) {
        const [n] = Object.values(record.inputs).map(({ value }) => value);
        assert.equal(record.status, 'done', record.error?.message);
        const [step] = record.steps;
        assert.deepEqual(step?.changes, { files: 2, insertions: 3, deletions: 1 });
        assert.equal(step.patch, join(step.folder ?? '', 'changes.patch'));
        assert.equal(statSync(step.patch).mode & 0o777, 0o600);
        const expected = `${lines.replace(`line ${n}`, `flow ${n}`)}end ${n}\n`;
        assert.equal(patched([step.patch], 'shared.txt'), expected);
        assert.equal(patched([step.patch], 'shared.txt'), expected);
      }
    }));

  it('builds on what the flow did before, in branches, too', () =>
    withRepository(obedient, async ({ run, patched, assertClean }) => {
      const add = (text: string) => ({ ...base, prompt: `run: echo ${text} >> shared.txt; cat shared.txt` });
      const records = await run({
        steps: [
          add('first'),
          add('second'),
          { type: 'cmd', cmd: ['printf', '["a","b","c"]'], array: true },
          add('branch {{{previous}}}'),
          add('last'),
        ],
        parallel: 8,
      });
      assert.deepEqual(
        records.map(({ status }) => status),
        ['done', 'done', 'done'],
      );
      assertClean();
      for (const record of records) {
        const [branch = 0] = record.branch ?? [];
        const expected = `${lines}first\nsecond\nbranch ${'abc'[branch]}\nlast\n`;
        assert.ok(record.output?.includes(expected), record.output ?? '');
        assert.equal(patchesOf(record).length, 4);
        assert.equal(patched(patchesOf(record), 'shared.txt'), expected);
      }
    }));

  it('begins a further attempt where the first did, and tells the changes of the last', () => {
    const bad = [{ items: [command('echo bad >> shared.txt; echo bad > junk')] }, { items: [message('no')] }];
    const good = [{ items: [command('echo good >> shared.txt')] }, { items: [message('{"ok":true}')] }];
    return withRepository([...bad, ...good], async ({ run, patched, place, assertClean }) => {
      const [record] = await run({
        steps: [{ ...base, prompt: 'x', schema: { type: 'object' }, retries: 1 }],
      });
      assert.deepEqual(record?.steps[0]?.changes, { files: 1, insertions: 1, deletions: 0 });
      assert.equal(record?.steps[0]?.attempts, 2);
      assert.equal(patched(patchesOf(record), 'shared.txt'), `${lines}good\n`);
      const folders = readdirSync(place.generated).filter((name) => name.startsWith('codex_exec_'));
      const texts = folders.map((name) => readFileSync(join(place.generated, name, 'changes.patch'), 'utf8'));
      assert.equal(texts.filter((text) => text.includes('+bad')).length, 1);
      assertClean();
    });
  });

  it('leaves what was changed so far when the run is cancelled, and no worktree', () =>
    withRepository(obedient, async ({ run, root, place, patched, assertClean }) => {
      const controller = new AbortController();
      const running = run({
        steps: [{ ...base, prompt: 'run: echo {{{n}}} >> shared.txt; sleep 60' }],
        keys: { n: { values: ['0', '1', '2', '3', '4', '5'] } },
        parallel: 3,
        signal: controller.signal,
      });
      const trees = () => readdirSync(place.generated).filter((name) => name.startsWith('worktree_'));
      const textOf = (name: string) => {
        try {
          return readFileSync(join(place.generated, name, 'tree/shared.txt'), 'utf8');
        } catch {
          return '';
        }
      };
      await until('three work', () => trees().filter((name) => /\d\n\d\n$/.test(textOf(name))).length === 3);
      controller.abort();
      const records = await running;
      assert.deepEqual(
        records.map(({ status }) => status),
        ['cancelled', 'cancelled', 'cancelled'],
      );
      for (const record of records) {
        assert.match(patched(patchesOf(record), 'shared.txt'), /line 8\n\d\n$/);
        assert.deepEqual(record.steps[0]?.changes, { files: 1, insertions: 1, deletions: 0 });
      }
      assert.equal(readFileSync(join(root, 'shared.txt'), 'utf8'), lines);
      assertClean();
    }));

  it('removes every worktree when the consumer unsubscribes', () =>
    withRepository(obedient, async ({ place, root, assertClean }) => {
      const { env, generated } = place;
      const steps = [{ ...base, prompt: 'run: sleep 6{{{n}}}' }];
      const keys = { n: { values: ['0', '1', '2'] } };
      const subscription = run({
        steps,
        keys,
        workdir: root,
        env,
        generated,
        parallel: 3,
      }).results$.subscribe();
      const count = () => readdirSync(generated).filter((name) => name.startsWith('worktree_')).length;
      await until('all work', () => count() === 3);
      subscription.unsubscribe();
      await until('none is left', () => count() === 0);
      assertClean();
    }));

  it('names listed files as they are in the worktree, wherever they were listed', () =>
    withRepository(obedient, async ({ run, root, assertClean }) => {
      const outside = join(root, '../outside.txt');
      writeFileSync(outside, 'outside\n');
      const records = await run({
        steps: [
          {
            ...base,
            prompt: 'run: echo >> shared.txt; printf %s "{{{doc.path}}}:"; tail -n 2 "{{{doc.path}}}"',
          },
        ],
        keys: { doc: [join(root, 'shared.txt'), outside] },
      });
      const outputs = records.sort((a, b) => a.index - b.index).map(({ output }) => output);
      assert.match(outputs[0] ?? '', /shared\.txt:line 8\n\n/);
      assert.doesNotMatch(outputs[0] ?? '', /\/shared\.txt/);
      assert.ok(outputs[1]?.includes(`${outside}:outside\n`), outputs[1] ?? '');
      assertClean();
    }));

  it("keeps the model from the repository's own checkout, and from its git folder", () =>
    withRepository(obedient, async ({ run, root, assertClean }) => {
      const prompt =
        `run: for file in ${root}/shared.txt ${root}/.git/config ${root}/.git/hooks/x; do ` +
        'echo evil >> $file && echo "wrote $file"; done; echo "gitdir: /tmp" > .git; echo tried';
      const [record] = await run({ steps: [{ ...base, prompt }] });
      assert.match(record?.output ?? '', /tried/);
      assert.doesNotMatch(record?.output ?? '', /wrote/);
      assert.deepEqual(record?.steps[0]?.changes, { files: 0, insertions: 0, deletions: 0 });
      assert.doesNotMatch(readFileSync(join(root, '.git/config'), 'utf8'), /evil/);
      assertClean();
    }));

  it('has the changes that codex committed itself, too', () =>
    withRepository(obedient, async ({ run, patched, root, assertClean }) => {
      const commit = 'git -c user.name=x -c user.email=x@x commit --quiet --all --message x';
      const prompt = `run: echo committed >> shared.txt; ${commit}; echo x > staged; git add staged; git log -1`;
      const steps = [{ ...base, sandbox: 'danger-full-access', prompt }];
      const before = gitIn(root, 'rev-parse', 'HEAD');
      const [record] = await run({ steps, allowDanger: true });
      assert.match(record?.output ?? '', /Author: x <x@x>/);
      assert.deepEqual(record?.steps[0]?.changes, { files: 2, insertions: 2, deletions: 0 });
      assert.equal(patched(patchesOf(record), 'shared.txt'), `${lines}committed\n`);
      assert.equal(gitIn(root, 'rev-parse', 'HEAD'), before);
      assertClean();
    }));

  it('can leave the worktree', () =>
    withRepository(obedient, async ({ run, root }) => {
      const steps = [{ ...base, worktree: 'keep', prompt: 'run: echo kept >> shared.txt' }];
      const [record] = await run({ steps });
      const tree = record?.steps[0]?.worktree ?? assert.fail('it is not told');
      assert.equal(readFileSync(join(tree, 'shared.txt'), 'utf8'), `${lines}kept\n`);
      assert.match(gitIn(tree, 'diff'), /\+kept/);
      gitIn(root, 'worktree', 'remove', '--force', tree);
    }));
});
