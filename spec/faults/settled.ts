import assert from 'node:assert/strict';
import type { ResultRecord } from '../../lib/index.js';
import { recordsIn } from '../helpers/program.js';
import { type Account, accountOf, told } from './account.js';
import type { Job, Sitting } from './job.js';
import { nameOf } from './left.js';

/**
 * What is so when the last sitting has ended well, whatever ended those before it, and what was written stayed: all that
 * `complete` says, and what was called is finished, or was in flight when a sitting ended.
 *
 * @param seed what repeats it
 */
export async function settled(job: Job, seed?: number): Promise<Account> {
  const account = await complete(job, seed);
  assert.equal(account.calls, account.finished + account.inFlight);
  return account;
}

/**
 * The last sitting has put out one record for each flow, each result ever put out is right and kept, and no finished step
 * was called again. Prints the counts.
 *
 * @param seed what repeats it
 */
export async function complete(job: Job, seed?: number): Promise<Account> {
  const last = job.sittings.at(-1) ?? assert.fail('nothing was started');
  assert.equal(last.ended.code, 0, last.ended.stderr);
  const records = recordsIn(last.ended).sort((a, b) => a.index - b.index);
  assert.deepEqual(
    records.map(({ output }) => output),
    job.outputs,
  );
  for (const record of job.sittings.flatMap(wholeRecords)) {
    assert.equal(record.output, record.status === 'done' ? job.outputs[record.index] : null);
  }
  for (const sitting of job.sittings) assertKept(sitting);
  const account = await accountOf(job);
  console.log(told(account, seed));
  assert.deepEqual(account.again, []);
  assert.equal(account.finished, 3 * job.outputs.length);
  return account;
}

/** What it told as done was in the journal when it ended. */
function assertKept(sitting: Sitting): void {
  const done = wholeRecords(sitting).filter(({ status }) => status === 'done');
  const lost = done
    .map(({ output }) => nameOf('final', output ?? ''))
    .filter((step) => !sitting.finished.has(step));
  assert.deepEqual(lost, []);
}

/** A sitting that was killed may leave half a line. */
function wholeRecords({ ended: { stdout } }: Sitting): readonly ResultRecord[] {
  return recordsIn({ stdout: stdout.slice(0, stdout.lastIndexOf('\n') + 1) });
}
