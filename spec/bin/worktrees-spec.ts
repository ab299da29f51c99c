import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { codexPlace, type Place, requireCodex, sandboxWorks } from '../helpers/codex.js';
import { recordsIn, runBin, runLine, start, until } from '../helpers/program.js';
import { commitAll, gitIn } from '../helpers/repository.js';
import {
  command,
  message,
  obedient,
  type Received,
  responsesServer,
  type Turn,
} from '../helpers/responses-server.js';

const examples = resolve(import.meta.dirname, '../../examples');

describe('bin: worktrees', () => {
  let bin: string;

  before(function () {
    bin = requireCodex(this);
    if (!sandboxWorks(bin)) this.skip();
  });

  /** A repository in which the program is run. */
  async function withRepository(
    model: (request: Received) => Turn,
    fill: (folder: string) => void,
    test: (place: Place) => Promise<void>,
  ): Promise<void> {
    await using server = await responsesServer(model);
    await using place = await codexPlace(bin, server.port);
    gitIn(place.workdir, 'init', '--quiet');
    fill(place.workdir);
    writeFileSync(join(place.workdir, '.gitignore'), 'generated/\n*.ndjson\n');
    commitAll(place.workdir);
    await test(place);
  }

  const worktreesOf = ({ workdir }: Place) => {
    const generated = join(workdir, 'generated');
    const names = existsSync(generated) ? readdirSync(generated) : [];
    return names.filter((name) => name.startsWith('worktree_')).map((name) => join(generated, name, 'tree'));
  };
  const countOf = ({ workdir }: Place) => gitIn(workdir, 'worktree', 'list').trimEnd().split('\n').length;

  it('the example: reviewed and mended side by side, and the patches taken over as it says', () =>
    withRepository(
      mender,
      (folder) => cpSync(examples, join(folder, 'examples'), { recursive: true }),
      async (place) => {
        const { workdir, env } = place;
        const lines =
          readFileSync(join(workdir, 'examples/patch.yaml'), 'utf8').match(/(?<=^# {3}).*/gm) ?? [];
        const [run = '', apply = ''] = lines;
        const ran = await runLine(run.replace(/^orchestrator/, '$orchestrator'), { cwd: workdir, env });
        assert.equal(ran.code, 0, ran.stderr);
        assert.equal(gitIn(workdir, 'status', '--porcelain'), '');
        const records = recordsIn({ stdout: readFileSync(join(workdir, 'patches.ndjson'), 'utf8') });
        assert.equal(records.length, 3);
        for (const { output, steps } of records) {
          assert.match(output ?? '', /^Mended: .*wrong/s);
          const files = steps.map(({ changes }) => changes?.files);
          assert.deepEqual(files, [0, 1]);
        }
        const applied = await runLine(apply, { cwd: workdir });
        assert.equal(applied.code, 0, applied.stderr);
        const changed = gitIn(workdir, 'diff', '--cached', '--name-only').trimEnd().split('\n');
        assert.deepEqual(
          changed,
          ['cart', 'dates', 'users'].map((name) => `examples/code/${name}.js`),
        );
        assert.deepEqual([worktreesOf(place), countOf(place)], [[], 1]);
      },
    ));

  const config = JSON.stringify([
    {
      type: 'codex',
      sandbox: 'workspace-write',
      worktree: true,
      prompt: 'run: echo {{{file.path}}} >> started; [ -e stop ] || sleep 60',
    },
  ]);
  const fill = (folder: string) => {
    for (const [name, text] of Object.entries({
      'a.md': 'a',
      'b.md': 'b',
      'list.txt': 'a.md\nb.md\n',
      'config.json': config,
    }))
      writeFileSync(join(folder, name), text);
  };
  const args = ['run', 'config.json', '--key', 'file:list.txt'];

  it('of a run that was killed are removed by the next one; those of one that lives are not', () =>
    withRepository(obedient, fill, async (place) => {
      const { workdir, env } = place;
      const started = () => worktreesOf(place).filter((tree) => existsSync(join(tree, 'started')));
      const killed = start(args, { cwd: workdir, env });
      await until('two work', () => started().length === 2);
      const lost = started();
      killed.kill('SIGKILL');
      await killed.ended;
      assert.equal(countOf(place), 3);

      const living = start(args, { cwd: workdir, env });
      await until('two others work', () => started().filter((tree) => !lost.includes(tree)).length === 2);
      assert.deepEqual(
        started().filter((tree) => lost.includes(tree)),
        [],
      );
      assert.equal(countOf(place), 3);

      writeFileSync(join(workdir, 'stop'), '');
      commitAll(workdir);
      const next = await runBin(args, { cwd: workdir, env });
      assert.equal(next.code, 0, next.stderr);
      assert.equal(started().length, 2);
      living.kill('SIGTERM');
      assert.equal((await living.ended).code, 130);
      assert.deepEqual([worktreesOf(place), countOf(place)], [[], 1]);
    }));

  it('are made anew where a run is resumed, with what was changed before', () => {
    const step = { type: 'codex', sandbox: 'workspace-write', worktree: true, previous: false };
    const steps = [
      { ...step, name: 'first', prompt: 'run: echo first >> a.md' },
      { type: 'cmd', name: 'check', cmd: ['test', '-e', 'generated/ok'] },
      { ...step, name: 'last', prompt: 'run: echo last >> a.md; cat a.md' },
    ];
    const resumable = (folder: string) => {
      writeFileSync(join(folder, 'a.md'), 'a\n');
      writeFileSync(join(folder, 'config.json'), JSON.stringify(steps));
    };
    return withRepository(obedient, resumable, async (place) => {
      const { workdir, env } = place;
      const failed = await runBin(['run', 'config.json'], { cwd: workdir, env });
      assert.equal(failed.code, 1, failed.stderr);
      assert.deepEqual([worktreesOf(place), countOf(place)], [[], 1]);
      writeFileSync(join(workdir, 'generated/ok'), '');
      const resumed = await runBin(['run', '--resume', 'last'], { cwd: workdir, env });
      assert.equal(resumed.code, 0, resumed.stderr);
      const [record] = recordsIn(resumed);
      assert.match(record?.output ?? '', /a\nfirst\nlast\n/);
      assert.equal(record?.steps[0]?.replayed, true);
      for (const { patch } of record?.steps ?? []) if (patch) gitIn(workdir, 'apply', '--3way', patch);
      assert.equal(readFileSync(join(workdir, 'a.md'), 'utf8'), 'a\nfirst\nlast\n');
    });
  });

  it('need inputs that are committed, or leave to go on without', () =>
    withRepository(obedient, fill, async ({ workdir, env }) => {
      writeFileSync(join(workdir, 'stop'), '');
      commitAll(workdir);
      writeFileSync(join(workdir, 'b.md'), 'changed');
      const refused = await runBin(args, { cwd: workdir, env });
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /steps\[0\]\.worktree: .* where b\.md isn't as it is in .*--allow-dirty/);
      assert.equal(existsSync(join(workdir, 'generated')), false);
      const allowed = await runBin([...args, '--allow-dirty'], { cwd: workdir, env });
      assert.equal(allowed.code, 0, allowed.stderr);
    }));

  it('are one way out of a folder that flows would share; the others are options', () =>
    withRepository(obedient, fill, async ({ workdir, env, generated }) => {
      writeFileSync(join(workdir, 'stop'), '');
      writeFileSync(join(workdir, 'shared.json'), config.replace('"worktree":true,', ''));
      const shared = ['run', 'shared.json', '--key', 'file:list.txt', '--generated', generated];
      const refused = await runBin(shared, { cwd: workdir, env });
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /steps\[0\]: several flows at once would write .*--allow-shared-workdir/);
      for (const option of [['--allow-shared-workdir'], ['--parallel', '1']]) {
        const allowed = await runBin([...shared, ...option], { cwd: workdir, env });
        assert.equal(allowed.code, 0, allowed.stderr);
      }
    }));
});

/** Finds something wrong in every file, and mends it by a line at its end. */
function mender({ body }: Received): Turn {
  const { input }: { input: { type: string; content?: { text: string }[] }[] } = JSON.parse(body);
  const last = input.at(-1);
  const prompt = input.findLast(({ content }) => content)?.content?.[0]?.text ?? '';
  const [file = ''] = prompt.match(/examples\/code\/\w+\.js/) ?? [];
  if (prompt.startsWith('Review')) return { items: [message(`${file} is wrong`)] };
  if (last?.type === 'function_call_output') return { items: [message(`Mended: ${prompt}`)] };
  return { items: [command(`echo '// mended' >> ${file}`)] };
}
