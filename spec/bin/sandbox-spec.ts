import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  codexBins,
  codexPlace,
  knowsProfiles,
  type Place,
  requireCodex,
  sandboxWorks,
} from '../helpers/codex.js';
import { type Ended, recordsIn, runBin } from '../helpers/program.js';
import { commitAll, gitIn } from '../helpers/repository.js';
import { obedient, responsesServer } from '../helpers/responses-server.js';
import { skip } from '../helpers/skip.js';

const FORGE = resolve(import.meta.dirname, '../fixtures/forge.mjs');
const CONFIG = `
- {type: codex, name: mend, sandbox: workspace-write, prompt: 'run: node forge.mjs'}
- {type: cmd, name: tests, cmd: [sh, -c, 'exit 1']}
`;

/** A repository that the model may write in, and beside it what it mustn't change; the config lies outside, too. */
async function project(place: Place) {
  const { root, workdir: cwd, env } = place;
  gitIn(cwd, 'init', '--quiet');
  cpSync(FORGE, join(cwd, 'forge.mjs'));
  commitAll(cwd);
  for (const folder of ['outside', 'config', 'state']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'outside/precious.txt'), 'precious');
  writeFileSync(join(root, 'home/.bashrc'), '# mine');
  writeFileSync(join(root, 'config/config.yaml'), CONFIG);
  const at = (...args: string[]): Promise<Ended> =>
    runBin([...args, '--progress', 'none'], { cwd, env: { ...env, XDG_STATE_HOME: join(root, 'state') } });
  return { cwd, at, run: () => at('run', '../config/config.yaml') };
}

/** What lies outside of the repository, codex's own home aside. */
function outside({ root }: Place): Map<string, string> {
  const entries = ['outside', 'config', 'state'].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true }),
  );
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  const all = [...files, join(root, 'home/.bashrc')];
  return new Map(all.map((file) => [file, readFileSync(file, 'latin1')]));
}

for (const [name, bin] of Object.entries(codexBins)) {
  describe(`bin: a model that wants out of its sandbox, by what is kept in its workdir; ${name}`, () => {
    before(function () {
      requireCodex(this);
      if (!sandboxWorks(bin)) skip(this, 'the sandbox of codex does not work here');
    });

    it('changes nothing outside, and no resume runs what it left', async function () {
      if (!knowsProfiles(bin)) skip(this, 'this codex is refused: it can keep no folder from the model');
      await using server = await responsesServer(obedient);
      await using place = await codexPlace(bin, server.port);
      const { cwd, at, run } = await project(place);
      const first = await at(
        'run',
        '../config/config.yaml',
        '--simulate',
        '--generated',
        '../state/rehearsal',
      );
      assert.equal(first.code, 1, first.stderr); // the user's key is made
      const before = outside(place);
      for (const session of [run, () => at('retry'), () => at('run', '--resume', 'last')]) {
        const { code, stdout, stderr } = await session();
        assert.equal(code, 1, stderr);
        const [record] = recordsIn({ stdout });
        assert.deepEqual(
          record?.steps.map(({ name, status }) => [name, status]),
          [
            ['mend', 'done'],
            ['tests', 'failed'],
          ],
        );
        assert.deepEqual(outside(place), before);
        assert.ok(!existsSync(join(place.root, 'PWNED')));
        assert.ok(!existsSync('/tmp/escaped-from-the-sandbox'));
      }
      const told = server.received.map(({ body }) => String(JSON.parse(body).input.at(-1).output ?? ''));
      const succeeded = told
        .filter((output) => output.includes('['))
        .map((output) => output.slice(output.indexOf('\n[') + 1).trim());
      assert.deepEqual(new Set(succeeded), new Set(['[]']));
      const kept = readdirSync(join(cwd, 'generated')).map((entry) => entry.replace(/_.*/, ''));
      assert.deepEqual(new Set(kept), new Set(['.gitignore', '.runs', 'run', 'codex']));
    });

    it('is not started where codex can not keep the folder from it', async function () {
      if (knowsProfiles(bin)) skip(this, 'this codex can');
      await using server = await responsesServer(obedient);
      await using place = await codexPlace(bin, server.port);
      const { run } = await project(place);
      const before = outside(place);
      const { code, stderr } = await run();
      assert.equal(code, 2);
      assert.match(stderr, /"workspace-write" would let the model change the files in/);
      assert.deepEqual([server.received.length, outside(place)], [0, before]);
    });
  });
}
