import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { readRunFile, writeRunFile } from '../../lib/store/run-file.js';
import { folderWith } from '../helpers/folder.js';
import { type Ended, recordsIn, runBin } from '../helpers/program.js';

const CONFIG = [
  { type: 'cmd', name: 'draft', cmd: ['cat', '{{{doc.path}}}'] },
  { type: 'cmd', name: 'check', cmd: ['sh', '-c', 'test -e go', 'sh'] },
];

const KEYS = ['--key', 'doc:list.txt', '--key', 'rule:list.txt', '--allow-unused-key'];

/** A project in which a run has failed with its second step. */
async function project(folder = folderWith()) {
  const cwd = join(folder, 'before');
  mkdirSync(cwd);
  cpSync(
    folderWith({ 'config.json': JSON.stringify(CONFIG), 'list.txt': 'a.md\n', 'a.md': 'A', go: '' }),
    cwd,
    { recursive: true },
  );
  renameSync(join(cwd, 'go'), join(cwd, 'gone'));
  const { code, stderr } = await at(cwd, 'run', 'config.json', ...KEYS);
  assert.equal(code, 1, stderr);
  return { folder, cwd, run: runIn(cwd) };
}

function at(cwd: string, ...args: string[]): Promise<Ended> {
  return runBin(args, { cwd });
}

function runIn(cwd: string): string {
  const [name = ''] = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
  return join(cwd, 'generated', name);
}

function replays(ended: Ended): unknown[] {
  assert.equal(ended.stdout.split('\n').length, 2, ended.stderr);
  return recordsIn(ended).flatMap(({ steps }) => steps.map(({ replayed }) => replayed === true));
}

describe('bin: a run whose project has moved', () => {
  it('is resumed, explained and read there, and nothing of it runs again', async () => {
    const { folder, cwd, run } = await project();
    assert.doesNotMatch(readFileSync(join(run, 'run.json'), 'utf8'), new RegExp(folder));
    const there = join(folder, 'after');
    renameSync(cwd, there);
    assert.match((await at(there, 'explain', 'last')).stdout, /1/);
    renameSync(join(there, 'gone'), join(there, 'go'));
    assert.deepEqual(replays(await at(there, 'retry')), [true, false]);
    const again = join(folder, 'again');
    renameSync(there, again);
    const { stdout, stderr } = await at(again, 'results', 'last');
    assert.deepEqual([recordsIn({ stdout }).length, stderr], [1, '']);
  });

  it('is resumed in a copy of the project while the first one is still there', async () => {
    const { folder, cwd } = await project();
    const copy = join(folder, 'copy');
    cpSync(cwd, copy, { recursive: true });
    renameSync(join(copy, 'gone'), join(copy, 'go'));
    assert.deepEqual(replays(await at(copy, 'retry')), [true, false]);
  });

  it('is resumed where an earlier version has kept absolute paths', async () => {
    const { folder, cwd, run } = await project();
    const file = await readRunFile(run);
    assert.ok(file);
    const info = { ...file.info, cwd, bases: { doc: cwd, rule: cwd } };
    await writeRunFile(run, { ...file, info });
    const there = join(folder, 'after');
    assert.deepEqual(replays(await at(cwd, 'retry', '--trust-run')), [true, false]);
    await writeRunFile(run, { ...file, info });
    renameSync(cwd, there);
    assert.deepEqual(replays(await at(there, 'retry', '--trust-run')), [true, false]);
  });
});

describe('bin: a run that is resumed from another folder', () => {
  it('takes its config and keys from the command line, or says where they are', async () => {
    const { folder, cwd } = await project();
    const other = join(folder, 'other');
    cpSync(cwd, other, { recursive: true });
    const generated = join('..', 'before', 'generated');
    const refused = await at(other, 'retry', '--generated', generated);
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, /was started in \S+before, .* or name its config and its keys/);
    renameSync(join(other, 'gone'), join(other, 'go'));
    const args = ['run', 'config.json', ...KEYS, '--resume', 'last', '--generated', generated];
    assert.deepEqual(replays(await at(other, ...args)), [true, false]);
  });
});
