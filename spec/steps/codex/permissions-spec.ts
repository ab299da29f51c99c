import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../../lib/errors.js';
import { Artefacts } from '../../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../../lib/steps/codex/config.js';
import { codexBins, knowsProfiles, requireCodex, sandboxWorks } from '../../helpers/codex.js';
import { type Stage, withTurns } from '../../helpers/codex-stage.js';
import { until } from '../../helpers/program.js';
import { command, message } from '../../helpers/responses-server.js';
import { skip } from '../../helpers/skip.js';

const write = { sandbox: 'workspace-write' } as const;

const PATCH = `apply_patch <<'EOF'
*** Begin Patch
*** Add File: generated/patched.txt
+by a patch
*** End Patch
EOF`;

const DIAL = `url=$(grep -o "127.0.0.1:[0-9]*" ../home/config.toml)
bash -c "(: < /dev/tcp/\${url/://}) && echo through || echo held"`;

for (const [name, bin] of Object.entries(codexBins)) {
  describe(`a model that may write in its workdir, and the generated folder; ${name}`, () => {
    before(function () {
      requireCodex(this);
      if (!sandboxWorks(bin)) skip(this, 'the sandbox of codex does not work here');
    });

    /** The model runs the commands one after the other, and ends with "done"; generated/ lies in the workdir. */
    const commanded = (commands: readonly string[], test: (stage: Stage) => Promise<void>) =>
      withTurns(
        bin,
        [...commands.map((cmd) => ({ items: [command(cmd)] })), { items: [message('done')] }],
        test,
      );

    const run = (
      { run, place }: Stage,
      config: Partial<CodexConfig>,
      generated = join(place.workdir, 'generated'),
    ) => run({ ...write, ...config }, { artefacts: new Artefacts(generated) });

    /** What the user is told. */
    const refusalOf = async (stage: Stage, config: Partial<CodexConfig>, generated?: string) => {
      const error = await run(stage, config, generated).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof ConfigError, String(error));
      assert.deepEqual(stage.server.received, []);
      return error.issues.map(({ where, message }) => `${where}: ${message}`).join('\n');
    };

    const outputOf = ({ server }: Stage, index: number) =>
      String(JSON.parse(server.received[index + 1]?.body ?? '').input.at(-1).output);

    describe('where codex can keep a folder from it', () => {
      before(function () {
        if (!knowsProfiles(bin)) skip(this, 'this codex knows no permission profiles');
      });

      const ATTEMPTS = [
        'touch generated/run_1 generated/.runs; ls -A generated; echo ended',
        'mv generated other; rm -rf generated; ln -s / generated; echo ended',
        'for f in $(find generated); do ln -sf /etc/passwd $f/x; echo x >> $f; rm -rf $f; done; echo ended',
        PATCH,
        'echo kept > src.txt && cat src.txt',
      ];

      it('it can neither write there nor put another in its place; its other work is done', () =>
        commanded(ATTEMPTS, async (stage) => {
          const { workdir } = stage.place;
          assert.equal(await run(stage, {}), 'done');
          for (const index of [0, 1, 2]) assert.match(outputOf(stage, index), /ended/);
          assert.match(outputOf(stage, 1), /busy|not permitted/);
          const generated = join(workdir, 'generated');
          await until('no process is noted any more', () => !existsSync(join(generated, '.running')));
          const [folder = '', ...others] = readdirSync(generated).filter((entry) => entry !== '.gitignore');
          assert.match(folder, /^codex_exec_/);
          assert.deepEqual(others, []);
          assert.deepEqual(readdirSync(join(generated, folder)).sort(), [
            'events.jsonl',
            'final_message.txt',
            'prompt.txt',
            'stderr.log',
          ]);
          assert.equal(readFileSync(join(generated, folder, 'final_message.txt'), 'utf8'), 'done');
          assert.equal(readFileSync(join(workdir, 'src.txt'), 'utf8'), 'kept\n');
        }));

      it('/tmp and the network stay closed', () =>
        commanded(['echo out > /tmp/escaped-from-codex.txt; echo ended', DIAL], async (stage) => {
          assert.equal(await run(stage, {}), 'done');
          assert.match(outputOf(stage, 0), /Read-only file system|Permission denied/);
          assert.match(outputOf(stage, 1), /held/);
          assert.ok(!existsSync('/tmp/escaped-from-codex.txt'));
        }));

      it('what codex is told of the network and of further folders holds, by the step or by its own config', () =>
        commanded([`${DIAL}; echo more > ../more/a; echo own > ../own/b; echo ended`], async (stage) => {
          const { root, env } = stage.place;
          for (const folder of ['more', 'own']) mkdirSync(join(root, folder));
          const home = join(env.CODEX_HOME ?? '', 'config.toml');
          const own = `[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = [${JSON.stringify(join(root, 'own'))}]\n`;
          writeFileSync(home, readFileSync(home, 'utf8') + own);
          const config = {
            'sandbox_workspace_write.writable_roots': [join(root, 'more')],
            sandbox_mode: 'read-only',
          };
          assert.equal(await run(stage, { config }), 'done');
          assert.match(outputOf(stage, 0), /through/);
          assert.ok(existsSync(join(root, 'more/a')));
          assert.ok(!existsSync(join(root, 'own/b')));
        }));
    });

    it('is refused where codex can not keep it from it; the ways out are told', async function () {
      if (knowsProfiles(bin)) skip(this, 'this codex can');
      await commanded([], async (stage) => {
        const { workdir } = stage.place;
        const said = await refusalOf(stage, {});
        assert.ok(
          said.startsWith(
            `steps[0].sandbox: "workspace-write" would let the model change the files in ${workdir}/generated, ` +
              `as it may write in ${workdir}: this codex can't keep it read-only (`,
          ),
          said,
        );
        assert.ok(
          said.endsWith(
            'name a folder elsewhere with --generated, or give each flow a checkout of its own with `worktree: true`',
          ),
        );
      });
    });

    it('is refused where a folder between could be renamed', () =>
      commanded([], async (stage) => {
        const { workdir } = stage.place;
        mkdirSync(join(workdir, 'out'));
        const said = await refusalOf(stage, {}, join(workdir, 'out/generated'));
        assert.match(said, /codex can keep it read-only only where it lies directly in that folder/);
      }));

    it('is refused where the way there leads over a link that the model could change', () =>
      commanded([], async (stage) => {
        const { workdir, generated } = stage.place;
        symlinkSync(generated, join(workdir, 'generated'));
        assert.match(await refusalOf(stage, {}), /the way to it leads over a link there/);
      }));

    for (const where of ['of the step', 'of the home']) {
      it(`is refused where it lies in a writable root ${where}, also for steps in worktrees`, () =>
        commanded([], async (stage) => {
          const { root, generated, env } = stage.place;
          const roots = { 'sandbox_workspace_write.writable_roots': [root] };
          const home = join(env.CODEX_HOME ?? '', 'config.toml');
          if (where === 'of the home')
            writeFileSync(
              home,
              `${readFileSync(home)}[sandbox_workspace_write]\nwritable_roots = ["${root}"]\n`,
            );
          const config = where === 'of the step' ? { config: roots } : {};
          const said = await refusalOf(stage, { ...config, worktree: true }, generated);
          assert.match(
            said,
            /that folder is one of its `writable_roots`; name a folder elsewhere with --generated$/,
          );
        }));
    }

    it('is started as ever where that lies elsewhere', () =>
      commanded(['echo hi > hello.txt'], async (stage) => {
        assert.equal(await stage.run(write), 'done');
        assert.ok(existsSync(join(stage.place.workdir, 'hello.txt')));
      }));

    it('is started as ever where it may only read', () =>
      commanded(['echo hi > hello.txt'], async (stage) => {
        assert.equal(await run(stage, { sandbox: 'read-only' }), 'done');
        assert.ok(!existsSync(join(stage.place.workdir, 'hello.txt')));
      }));
  });
}
