import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { WriteFailure } from '../../../lib/errors.js';
import { type ResultRecord, type RunOptions, run } from '../../../lib/index.js';
import { Artefacts } from '../../../lib/steps/artefacts.js';
import { discard, makeFiles, publish, writeMessage } from '../../../lib/steps/codex/files.js';
import { codexPlace, requireCodex } from '../../helpers/codex.js';
import { folderWith } from '../../helpers/folder.js';
import { repositoryWith } from '../../helpers/repository.js';
import { message, responsesServer } from '../../helpers/responses-server.js';
import { type SmallDisk, smallDisk } from '../../helpers/small-disk.js';
import { flowOf, Stage } from '../../helpers/worktree-stage.js';

/** Leaves so many bytes free. */
function fill({ folder }: SmallDisk, free: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - free));
}

const isDiskFull = (error: unknown) =>
  error instanceof WriteFailure && error.code === 'ENOSPC' && /^cannot write \S+: ENOSPC/.test(error.message);

/** The run ends with the disk's failure, and no flow of it with one of its own. */
async function assertEnds(options: RunOptions): Promise<void> {
  const records: ResultRecord[] = [];
  const { results$ } = run(options);
  await assert.rejects(lastValueFrom(results$.pipe(tap((record) => records.push(record)))), isDiskFull);
  for (const { status } of records) assert.equal(status, 'cancelled');
}

describe('a full disk under the files of codex', () => {
  const steps = [{ type: 'codex' as const, prompt: 'Say {{{n}}}' }];
  const keys = { n: { values: ['1', '2', '3', '4', '5', '6'] } };

  for (const [name, free] of [
    ['folder', 0],
    ['prompt', 4096],
    ['events', 12_288],
  ] as const) {
    it(`ends the run: no room for the ${name}`, async function () {
      using disk = smallDisk(this, '128k');
      mkdirSync(join(disk.folder, 'generated'));
      writeFileSync(join(disk.folder, 'generated', '.gitignore'), '*\n');
      fill(disk, free);
      const generated = join(disk.folder, 'generated');
      await assertEnds({ steps, keys, generated, simulate: true, parallel: 1 });
    });
  }

  it('is told where the disk can only be read', async function () {
    using disk = smallDisk(this, '1m');
    disk.change('ro');
    const isReadOnly = (error: unknown) => error instanceof WriteFailure && error.code === 'EROFS';
    await assert.rejects(makeFiles(new Artefacts(disk.folder), 'Say', undefined), isReadOnly);
    disk.change('rw');
    const files = await makeFiles(new Artefacts(disk.folder), 'Say', undefined);
    disk.change('ro');
    await assert.rejects(publish(files), isReadOnly);
    await assert.rejects(writeMessage(files, 'x'), isReadOnly);
    await assert.rejects(discard(files), isReadOnly);
  });

  it('ends the run, and a message that codex could write in part alone is none', async function () {
    const bin = requireCodex(this);
    using disk = smallDisk(this, '64k');
    await using server = await responsesServer([{ items: [message('x'.repeat(2 ** 17))] }]);
    await using place = await codexPlace(bin, server.port);
    const { env, workdir } = place;
    await assertEnds({ steps: [{ type: 'codex', prompt: 'Say' }], workdir, env, generated: disk.folder });
    const [folder = ''] = readdirSync(disk.folder).filter((entry) => entry.startsWith('codex_exec_'));
    assert.equal(readdirSync(join(disk.folder, folder)).includes('final_message.txt'), false);
  });

  it('is told where a worktree does not fit', async function () {
    using disk = smallDisk(this, '2m');
    const files = Array.from({ length: 64 }, (_, n) => [`${n}.bin`, Buffer.alloc(2 ** 16, `${n}`)]);
    const stage = new Stage(repositoryWith(Object.fromEntries(files)), disk.folder);
    const step = await stage.add();
    const { failure } = await stage.attempt(step, flowOf(1), () => assert.fail('it began'));
    assert.ok(isDiskFull(failure), String(failure));
    await stage.close();
  });

  it('is told where the patch of what codex changed does not fit', async function () {
    using disk = smallDisk(this, '2m');
    const stage = new Stage(repositoryWith({ 'a.txt': 'a\n' }), disk.folder);
    const step = await stage.add();
    const { failure } = await stage.attempt(step, flowOf(1), (folder) => {
      writeFileSync(join(folder, 'new.txt'), 'y'.repeat(2 ** 20));
      fill(disk, 4096);
    });
    assert.ok(isDiskFull(failure), String(failure));
    await stage.close();
  });

  it('is not blamed for what fails beside it', async function () {
    using disk = smallDisk(this, '4m');
    const stage = new Stage(repositoryWith({ 'a.txt': 'a\n' }), disk.folder);
    const step = await stage.add();
    const patch = join(folderWith({ patch: 'no patch' }), 'patch');
    const flow = flowOf(1);
    const record = {
      name: 'codex',
      type: 'codex',
      status: 'done',
      startedAt: '',
      ms: 0,
      attempts: 1,
      patch,
    } as const;
    const { failure } = await stage.attempt(step, { ...flow, steps: [record] }, () => {});
    assert.match(String(failure), /can't be applied/);
    await stage.close();
  });
});
