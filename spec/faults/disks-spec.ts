import assert from 'node:assert/strict';
import { type Program, recordsIn } from '../helpers/program.js';
import { skip } from '../helpers/skip.js';
import { smallDisk } from '../helpers/small-disk.js';
import type { Account } from './account.js';
import { type CountingServer, countingServer } from './counting-server.js';
import { failingDisk } from './failing-disk.js';
import { Job, PARALLEL, type Session } from './job.js';
import { FULL } from './scale.js';
import { complete, settled } from './settled.js';

const KB = 'x'.repeat(1000);

describe('faults: disks', () => {
  let server: CountingServer;
  before(async () => {
    server = await countingServer();
  });

  it('one that fills up, and has room again', async function () {
    const [size, room, flows] = FULL ? ['5m', '50m', 2000] : ['1m', '10m', 300];
    using disk = smallDisk(this, size);
    const job = new Job(server, { flows, filler: KB, generated: disk.folder });
    assertBroken(await job.sit(), /cannot write \S+journal\.ndjson: ENOSPC/);
    assertRefused(await job.sit(), /cannot write \S+: ENOSPC/);
    disk.change(`size=${room}`);
    await job.sit();
    assertLittleLost(await settled(job));
  });

  it('one that takes no larger file (that can be had without being root)', async () => {
    const job = new Job(server, { flows: 300, filler: KB });
    assertBroken(await job.sit({ under: 'ulimit -f 1000;' }), /cannot write \S+journal\.ndjson: EFBIG/);
    await job.sit();
    assertLittleLost(await settled(job));
  });

  it('one that breaks (EIO), can only be read (EROFS), and is repaired', async function () {
    if (!FULL) skip(this, 'npm run test:faults');
    using disk = failingDisk(this);
    const job = new Job(server, { flows: 200, generated: disk.folder });
    const breaking = async (program: Program, caller: string) => {
      await server.after(200, caller);
      disk.fail();
      await program.ended;
    };
    const repaired = async (program: Program) => {
      await program.ended;
      disk.repair();
    };
    assertBroken(await job.sit({ meddle: breaking }), /cannot write \S+journal\.ndjson: (EIO|EROFS)/);
    assertRefused(await job.sit({ meddle: repaired }), /cannot write \S+: EROFS/);
    await job.sit();
    await complete(job); // what wasn't synced when it broke is gone, and called again
  });
});

/** It ended with 70, said why, and at the end how to go on. No flow failed for it: they are done, or were cancelled. */
function assertBroken({ ended }: Session, why: RegExp): void {
  assert.equal(ended.code, 70, ended.stderr);
  assert.match(ended.stderr, why);
  assert.match(ended.stderr, /\nresume with: orchestrator run --resume [\w-]+( --generated \S+)?\n$/);
  const statuses = recordsIn(ended).map(({ status }) => status);
  assert.deepEqual(new Set([...statuses, 'done', 'cancelled']), new Set(['done', 'cancelled']));
}

/** What was in flight, and what came until the run had heard of it. */
function assertLittleLost({ inFlight }: Account): void {
  assert.ok(inFlight <= 3 * PARALLEL, `${inFlight} calls were lost`);
}

/** It ended with 70 before any flow was admitted, and said why. */
function assertRefused({ ended }: Session, why: RegExp): void {
  assert.deepEqual([ended.code, ended.stdout], [70, ''], ended.stderr);
  assert.match(ended.stderr, why);
}
