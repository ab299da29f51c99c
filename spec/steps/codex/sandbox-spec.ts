import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAKE_KEY, requireCodex, sandboxWorks } from '../../helpers/codex.js';
import { runningIn, type Stage, withTurns } from '../../helpers/codex-stage.js';
import { command, message } from '../../helpers/responses-server.js';

const APPLY_PATCH = `apply_patch <<'EOF'
*** Begin Patch
*** Add File: patched.txt
+by a patch
*** End Patch
EOF`;
const DIAL = `url=$(grep -o '127.0.0.1:[0-9]*' ../home/config.toml)
(: < /dev/tcp/\${url/:/\\/}) && echo through || echo held`;

describe('the sandbox of codex', () => {
  let bin: string;

  before(function () {
    bin = requireCodex(this);
    if (!sandboxWorks(bin)) this.skip();
  });

  /** The model runs the commands one after the other, and ends with "done". */
  const commanded = (commands: readonly string[], test: (stage: Stage) => Promise<void>) =>
    withTurns(
      bin,
      [...commands.map((cmd) => ({ items: [command(cmd)] })), { items: [message('done')] }],
      test,
    );

  /** The output of the n-th command, as the model got it. */
  const outputOf = ({ server }: Stage, index: number) => {
    const { input } = JSON.parse(server.received[index + 1]?.body ?? '');
    return String(input.at(-1).output);
  };

  it('lets commands and patches of the model write in the workspace; the record counts them', () =>
    commanded(['echo hi > hello.txt', APPLY_PATCH], async ({ record, place }) => {
      const { output, steps } = await record({ sandbox: 'workspace-write' });
      assert.equal(output, 'done');
      assert.deepEqual([steps[0]?.commands, steps[0]?.filesChanged], [1, 1]);
      assert.equal(readFileSync(join(place.workdir, 'hello.txt'), 'utf8'), 'hi\n');
      assert.equal(readFileSync(join(place.workdir, 'patched.txt'), 'utf8'), 'by a patch\n');
    }));

  it('has commands that outlast the turn; they are ended with it, which is said and counted', async () => {
    const turns = [{ items: [command('sleep 60; touch late', 250)] }, { items: [message('it runs')] }];
    await withTurns(bin, turns, async ({ record, place, folder }) => {
      const notices: string[] = [];
      const onNotice = (line: string) => void notices.push(line);
      const { output, steps } = await record({ sandbox: 'workspace-write' }, { onNotice });
      assert.equal(output, 'it runs');
      assert.equal(steps[0]?.commandsCutOff, 1);
      const said =
        'codex ended its turn before a command of the model had ended; it was ended with codex: sleep 60; touch late; ' +
        `see ${folder()}`;
      assert.deepEqual(notices, [said]);
      assert.deepEqual(runningIn(place), []);
      assert.ok(!existsSync(join(place.workdir, 'late')));
    });
  });

  it('is read-only unless the step says otherwise, whatever the own config of codex says', () =>
    commanded(['echo hi > hello.txt'], async ({ run, place }) => {
      await run({ config: { sandbox_mode: 'danger-full-access' } });
      assert.deepEqual(readdirSync(place.workdir), []);
    }));

  it('keeps writes in the workspace; the turn goes on', () =>
    commanded(['echo out > ../escaped.txt', 'echo out > /tmp/escaped-from-codex.txt'], async (stage) => {
      assert.equal(await stage.run({ sandbox: 'workspace-write' }), 'done');
      assert.match(outputOf(stage, 0), /Read-only file system|Permission denied/);
      assert.match(outputOf(stage, 1), /Read-only file system|Permission denied/);
      assert.ok(!existsSync(join(stage.place.root, 'escaped.txt')));
      assert.ok(!existsSync('/tmp/escaped-from-codex.txt'));
    }));

  it('keeps the network away; the turn goes on', () =>
    commanded([DIAL], async (stage) => {
      assert.equal(await stage.run({ sandbox: 'workspace-write' }), 'done');
      assert.match(outputOf(stage, 0), /held/);
    }));

  it("keeps keys from the model's commands, and from every file", () =>
    commanded(['env; echo listed'], async ({ run, folder, server }) => {
      await run();
      assert.match(server.received[1]?.body ?? '', /listed/);
      for (const { body } of server.received) assert.ok(!body.includes(FAKE_KEY));
      for (const name of readdirSync(folder())) {
        assert.ok(!readFileSync(join(folder(), name), 'utf8').includes(FAKE_KEY), name);
      }
    }));
});
