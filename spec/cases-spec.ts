import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runLine } from './helpers/program.js';
import { skip } from './helpers/skip.js';

const cases = join(import.meta.dirname, 'fixtures/cases');

/** What the scripts call, beside bash and coreutils. */
const PROGRAMS = ['git', 'jq', 'curl', 'script', 'python3'];

/** Cases that don't pass yet. One that passes has to leave this list. */
const OPEN = new Set<string>();

/** Inputs, servers and habits of real use: each is a folder with a script that prints PASS or FAIL. */
describe('cases of real use', function () {
  this.timeout(300_000);

  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0);
  for (const name of readdirSync(cases).filter((entry) => /^\d/.test(entry))) {
    it(name, async function () {
      if (OPEN.has(name)) skip(this, 'open');
      if (missing.length > 0) skip(this, `needs ${missing.join(', ')}`);
      const cwd = join(cases, name);
      const env = { ORCH: join(import.meta.dirname, '../bin/orchestrator.js') };
      const { code, stdout, stderr } = await runLine('bash ./try.sh < /dev/null', { cwd, env });
      const expected = readFileSync(join(cwd, 'expected.txt'), 'utf8');
      assert.equal(code, 0, `expected: ${expected}\n${stdout}\n${stderr}`);
    });
  }
});
