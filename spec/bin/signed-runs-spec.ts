import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRunFile, writeRunFile } from '../../lib/store/run-file.js';
import { folderWith } from '../helpers/folder.js';
import { recordsIn, runBin } from '../helpers/program.js';

const CONFIG = '- {type: cmd, name: x, cmd: [echo, mine]}';
const QUIET = ['--progress', 'none'];

/** A project with a run in it, and what a program that may write there makes of it. */
async function place(env: Readonly<Record<string, string | undefined>> = {}) {
  const cwd = folderWith({ 'c.yaml': CONFIG });
  const at = (...args: readonly string[]) => runBin(args, { cwd, env });
  const first = await at('run', 'c.yaml', ...QUIET);
  const folder = () => join(cwd, 'generated', namesIn(cwd)[0] ?? '');
  return { cwd, at, first, folder };
}

function namesIn(cwd: string): string[] {
  return readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
}

/** As anybody can write it who may write there. */
async function unsign(folder: string): Promise<void> {
  const { info, end } = (await readRunFile(folder)) ?? assert.fail('there is no run.json');
  await writeRunFile(folder, { info, end });
}

function rewriteJournal(folder: string, change: (lines: string[]) => string[]): void {
  const file = join(folder, 'journal.ndjson');
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const changed = change(lines);
  assert.notEqual(changed.length, lines.length);
  writeFileSync(file, changed.map((line) => `${line}\n`).join(''));
}

function ofOneLine(begin: string): RegExp {
  return new RegExp(`^${begin}[^\\n]*\\n$`);
}

/** A run that says another config, with a right sum, and is the last one. */
async function forge({ cwd, folder }: Awaited<ReturnType<typeof place>>): Promise<void> {
  writeFileSync(join(cwd, 'evil.yaml'), '- {type: cmd, name: x, cmd: "echo yes > PWNED"}');
  const { sum: _, mac: __, end: ___, ...info } = JSON.parse(readFileSync(join(folder(), 'run.json'), 'utf8'));
  const forged = join(cwd, 'generated', 'run_29991231-235959-evil');
  mkdirSync(forged);
  const settings = { ...info.settings, config: 'evil.yaml' };
  await writeRunFile(forged, { info: { ...info, settings, definitions: {} }, end: null });
  writeFileSync(join(cwd, 'generated', '.runs'), '29991231-235959-evil\n');
}

describe('bin: a run that the user has not signed', () => {
  for (const args of [['retry'], ['run', '--resume', 'last'], ['retry', '--explain'], ['explain', 'last']]) {
    it(`is refused by ${args.join(' ')}: nothing that it says is loaded or run`, async () => {
      const project = await place();
      await forge(project);
      const { code, stdout, stderr } = await project.at(...args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(
        stderr,
        /^error: generated\/run_\S+-evil isn't signed by you: an older version, .*; if you trust it, add --trust-run\n$/,
      );
      assert.equal(existsSync(join(project.cwd, 'PWNED')), false);
    });
  }

  it("of an earlier version is resumed by --trust-run, and is the user's from then on", async () => {
    const { at, folder } = await place();
    await unsign(folder());
    rewriteJournal(folder(), (lines) => lines.filter((line) => !line.includes('"mac"')));
    for (const words of [['retry'], ['explain', 'last']]) {
      const { code, stderr } = await at(...words);
      assert.equal(code, 2);
      assert.match(stderr, /^error: .* isn't signed by you: .*add --trust-run\n$/);
    }
    assert.match((await at('explain', 'last', '--trust-run')).stdout, /1/);
    for (const words of [['--trust-run'], []]) {
      const again = await at('retry', ...words, ...QUIET);
      assert.equal(again.code, 0, again.stderr);
      assert.equal(recordsIn(again)[0]?.steps[0]?.replayed, true);
    }
  });

  it('is shown all the same, with a warning', async () => {
    const { at, folder } = await place();
    const signed = await at('results', 'last');
    assert.deepEqual([signed.code, signed.stderr], [0, '']);
    await unsign(folder());
    const results = await at('results', 'last');
    assert.deepEqual([results.code, results.stdout], [0, signed.stdout]);
    assert.match(results.stderr, /^warning: generated\/run_\S+ isn't signed by you: [^\n]*\n$/);
    const runs = await at('runs');
    assert.match(runs.stdout, /c\.yaml +1 /);
    assert.match(runs.stderr, /^warning: not signed by you, so a resume needs --trust-run: \S+\n$/);
    assert.equal((await at('rm', 'last')).code, 0);
  });

  it('is one whose journal alone was changed, too', async () => {
    const { at, folder } = await place();
    rewriteJournal(folder(), (lines) => lines.filter((line) => !line.includes('"key":')));
    const results = await at('results', 'last');
    assert.deepEqual([results.code, results.stdout], [0, '']);
    assert.match(results.stderr, /^warning: generated\/run_\S+ isn't signed by you: [^\n]*\n$/);
    for (const words of [['retry'], ['explain', 'last']]) {
      const { code, stdout, stderr } = await at(...words);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^error: .* isn't signed by you: .*add --trust-run\n$/);
    }
  });

  for (const [what, env, why] of [
    ['whose state folder cannot be made', { XDG_STATE_HOME: '/dev/null' }, 'ENOTDIR: '],
    [
      'without a home',
      { HOME: undefined, XDG_STATE_HOME: undefined },
      'neither HOME nor XDG_STATE_HOME is set',
    ],
  ] as const) {
    it(`is what a user has ${what}: that is said in one line, and how to go on`, async () => {
      const { first, at } = await place(env);
      assert.equal(first.code, 0);
      assert.match(first.stderr, ofOneLine(`this run isn't signed, so a resume needs --trust-run: ${why}`));
      const refused = await at('retry', ...QUIET);
      assert.deepEqual([refused.code, refused.stdout], [2, '']);
      assert.match(refused.stderr, /^error: whether you signed .*; if you trust it, add --trust-run\n$/);
      assert.ok(refused.stderr.includes(why));
      assert.match((await at('results', 'last')).stderr, ofOneLine('warning: whether you signed '));
      assert.match((await at('runs')).stderr, ofOneLine("warning: signatures can't be checked \\("));
      const again = await at('retry', '--trust-run', ...QUIET);
      assert.equal(again.code, 0, again.stderr);
      assert.equal(recordsIn(again)[0]?.steps[0]?.replayed, true);
    });
  }

  it('is named with --resume: --trust-run alone is a mistake', async () => {
    const { at } = await place();
    const { code, stderr } = await at('run', 'c.yaml', '--trust-run');
    assert.equal(code, 2);
    assert.match(stderr, /^error: --trust-run: goes with --resume/);
  });
});
