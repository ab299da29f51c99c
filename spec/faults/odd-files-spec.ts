import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../helpers/folder.js';
import { recordsIn, runBin, runLine } from '../helpers/program.js';
import { preload } from './preload.js';

const BIG = 'x'.repeat(100_000);

/** A project with two runs; the older one has a big output. */
async function project(): Promise<{ cwd: string; older: string }> {
  const cwd = folderWith({
    'big.txt': BIG,
    'config.json': JSON.stringify([{ type: 'cmd', name: 'x', cmd: ['cat', 'big.txt'] }]),
  });
  for (let n = 0; n < 2; n++) {
    const { code, stderr } = await runBin(['run', 'config.json'], { cwd });
    assert.equal(code, 0, stderr);
  }
  const runs = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
  const last = (await runBin(['runs', '--json'], { cwd })).stdout.trimEnd().split('\n').at(-1) ?? '';
  const older = runs.find((name) => !last.includes(name)) ?? '';
  return { cwd, older: join(cwd, 'generated', older) };
}

/** What may stand in a file's place. */
const ODD: Readonly<Record<string, (file: string) => void>> = {
  'a FIFO': (file) => execFileSync('mkfifo', [file]),
  'a folder': (file) => mkdirSync(file),
  'a link to /dev/zero': (file) => symlinkSync('/dev/zero', file),
  'a link to itself': (file) => symlinkSync(file, file),
  'the word null': (file) => writeFileSync(file, 'null\n'),
  'random bytes': (file) => writeFileSync(file, Buffer.from('93f1000a00ff7b227d0aeb2e5bc30a', 'hex')),
};

describe('faults: what stands in the place of what a run keeps', () => {
  let place: Awaited<ReturnType<typeof project>>;
  before(async function () {
    this.timeout(120_000);
    place = await project();
    cpSync(join(place.cwd, 'generated'), join(place.cwd, 'pristine'), { recursive: true });
  });

  for (const [what, put] of Object.entries(ODD))
    it(`${what}: ends each command, with no internal fault and no wrong record`, async function () {
      this.timeout(300_000);
      const { cwd, older } = place;
      for (const name of ['run.json', 'journal.ndjson', 'lock', 'outputs']) {
        rmSync(join(cwd, 'generated'), { recursive: true });
        cpSync(join(cwd, 'pristine'), join(cwd, 'generated'), { recursive: true });
        rmSync(join(older, name), { recursive: true, force: true });
        put(join(older, name));
        await assertPassedOver(cwd, older, name);
      }
    });
});

/** The commands of this run end and say why; those of the other go on. */
async function assertPassedOver(cwd: string, older: string, name: string): Promise<void> {
  const id = older.slice(older.indexOf('run_') + 'run_'.length);
  const commands = [['runs'], ['results', 'last'], ['results', id], ['explain', id], ['run', '--resume', id]];
  const ends = await Promise.all(commands.map((args) => runBin(args, { cwd })));
  for (const [n, { stdout, stderr, signal }] of ends.entries()) {
    const which = `${commands[n]?.join(' ')}: ${name}: ${stderr}`;
    assert.equal(signal, null, which);
    assert.doesNotMatch(stderr, /internal fault/, which);
    if (commands[n]?.[0] === 'runs' || commands[n]?.[0] === 'explain') continue;
    for (const { output } of recordsIn({ stdout })) assert.ok(output === BIG || output === null, which);
  }
  const [runs, others] = ends;
  assert.deepEqual([runs?.code, others?.code], [0, 0], runs?.stderr);
  assert.equal(runs?.stdout.trimEnd().split('\n').length, 3);
  assert.deepEqual(
    recordsIn(others ?? { stdout: '' }).map(({ status }) => status),
    ['done'],
  );
}

describe('faults: a disk without hard links', () => {
  it('has its runs locked all the same: they are kept and resumed', async function () {
    this.timeout(60_000);
    const without = preload(this, 'no-links.c');
    const cwd = folderWith({ 'config.json': '[{"type":"cmd","cmd":"echo hi"}]' });
    const first = await runLine(`${without} $orchestrator run config.json`, { cwd });
    assert.equal(first.code, 0, first.stderr);
    const again = await runLine(`${without} $orchestrator retry`, { cwd });
    assert.equal(again.code, 0, again.stderr);
    assert.equal(recordsIn(again)[0]?.steps[0]?.replayed, true);
    const [run = ''] = readdirSync(join(cwd, 'generated')).filter((name) => name.startsWith('run_'));
    assert.deepEqual(readdirSync(join(cwd, 'generated', run)), ['journal.ndjson', 'run.json']);
  });
});
