import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codexBins, codexPlace, FAKE_KEY, requireCodex, sandboxWorks } from '../helpers/codex.js';
import { folderWith } from '../helpers/folder.js';
import { type Ended, recordsIn, runBin } from '../helpers/program.js';
import { obedient, responsesServer } from '../helpers/responses-server.js';

/** What a command can find out about its own environment, and about that of codex. */
const ECHO = 'run: env; tr "\\0" "\\n" < /proc/self/environ';
const SNOOP = 'run: tr "\\0" "\\n" < /proc/$PPID/environ; echo end';

const secrets = {
  OUR_TOKEN: 'tok-of-ours-1234567890',
  QUOTED_SECRET: 'has "quotes" and \\ in it',
  OPENAI_API_KEY: 'sk-of-openai-1234567890',
  OTHER_PASSWORD: 'of-something-else-1234567890',
};
/** Codex reaches the server without it. */
const PROXY_PASSWORD = 'of-the-proxy-1234567890';
const proxy = { https_proxy: `http://me:${PROXY_PASSWORD}@127.0.0.1:9`, no_proxy: '127.0.0.1' };
const values = [FAKE_KEY, PROXY_PASSWORD, ...Object.values(secrets)];
const forms = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);

interface Outcome extends Ended {
  readonly cwd: string;
  /** What the model was told, all of it. */
  readonly heard: string;
}

for (const [name, bin] of Object.entries(codexBins)) {
  describe(`bin: a model that echoes its environment, by ${name}`, () => {
    before(function () {
      requireCodex(this);
      if (!sandboxWorks(bin)) this.skip();
    });

    async function run(step: object): Promise<Outcome> {
      await using server = await responsesServer(obedient);
      await using place = await codexPlace(bin, server.port);
      const config = [{ type: 'codex', prompt: ECHO, env: ['OUR_TOKEN', 'QUOTED_SECRET'], ...step }];
      const cwd = folderWith({ 'config.json': JSON.stringify(config) });
      const ended = await runBin(['run', 'config.json', '--verbose'], {
        cwd,
        env: { ...place.env, ...secrets, ...proxy },
      });
      assert.equal(ended.code, 0, ended.stderr);
      return { ...ended, cwd, heard: server.received.map(({ body }) => body).join('\n') };
    }

    /** Paths under the folder, and texts. */
    function filesIn(folder: string): [string, string][] {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
      return paths.map((path) => [path, readFileSync(path, 'utf8')]);
    }

    function assertClean({ cwd, stdout, stderr }: Outcome): void {
      const files = filesIn(join(cwd, 'generated'));
      assert.ok(files.length >= 4);
      for (const [path, text] of [...files, ['stdout', stdout], ['stderr', stderr]]) {
        for (const form of forms) assert.ok(!text?.includes(form), `${path} holds ${form}`);
      }
    }

    it('gets no key, and none is in any file', async () => {
      const outcome = await run({});
      assert.match(outcome.heard, /PATH=/);
      assert.match(outcome.heard, /https_proxy=http:\/\/127\.0\.0\.1:9\b/);
      for (const value of values) assert.ok(!outcome.heard.includes(value), value);
      assertClean(outcome);
    });

    it('may look at that of codex itself: none is in any file', async () => {
      assertClean(await run({ prompt: SNOOP }));
    });

    it('may be given some by the step: still none is in any file, and the record says what was left out', async () => {
      const config = { 'shell_environment_policy.ignore_default_excludes': true };
      const outcome = await run({ config });
      assert.ok(outcome.heard.includes(secrets.OUR_TOKEN));
      assert.ok(outcome.heard.includes(FAKE_KEY));
      assertClean(outcome);
      assert.match(recordsIn(outcome)[0]?.output ?? '', /^OUR_TOKEN=\[redacted\]$/m);
      assert.match(recordsIn(outcome)[0]?.output ?? '', /^QUOTED_SECRET=\[redacted\]$/m);
    });

    it('never sees what the step did not name', async () => {
      const config = { 'shell_environment_policy.ignore_default_excludes': true };
      const { heard } = await run({ config, env: ['OUR_TOKEN'] });
      assert.doesNotMatch(heard, /QUOTED_SECRET|OTHER_PASSWORD|OPENAI_API_KEY|(?<!ORCHESTRATOR_)MARK=/);
    });

    it('leaves files that only their owner can read', async () => {
      const { cwd } = await run({});
      const [folder = ''] = readdirSync(join(cwd, 'generated')).filter((entry) =>
        entry.startsWith('codex_exec_'),
      );
      assert.equal(statSync(join(cwd, 'generated')).mode & 0o777, 0o700);
      assert.equal(statSync(join(cwd, 'generated', folder)).mode & 0o777, 0o700);
      for (const [path] of filesIn(join(cwd, 'generated', folder))) {
        assert.equal(statSync(path).mode & 0o777, 0o600, path);
      }
    });
  });
}
