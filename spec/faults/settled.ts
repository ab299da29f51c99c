import assert from 'node:assert/strict';
import type { ResultRecord } from '../../lib/index.js';
import { recordsIn } from '../helpers/program.js';
import { type Account, accountOf, told } from './account.js';
import type { Job, Session } from './job.js';
import { nameOf } from './left.js';

/**
 * What is so when the last session has ended well, whatever ended those before it, and what was written stayed: all that
 * `complete` says, and what was called is finished, or was in flight when a session ended.
 *
 * @param seed what repeats it
 */
export async function settled(job: Job, seed?: number): Promise<Account> {
  const account = await complete(job, seed);
  assert.equal(account.calls, account.finished + account.inFlight);
  return account;
}

/**
 * The last session has put out one record for each flow, each result ever put out is right and kept, and no finished step
 * was called again. Prints the counts.
 *
 * @param seed what repeats it
 */
export async function complete(job: Job, seed?: number): Promise<Account> {
  const last = job.sessions.at(-1) ?? assert.fail('nothing was started');
  assert.equal(last.ended.code, 0, last.ended.stderr);
  const records = recordsIn(last.ended).sort((a, b) => a.index - b.index);
  assert.deepEqual(
    records.map(({ output }) => output),
    job.outputs,
  );
  for (const record of job.sessions.flatMap(wholeRecords)) {
    assert.equal(record.output, record.status === 'done' ? job.outputs[record.index] : null);
  }
  for (const session of job.sessions) assertKept(session);
  const account = await accountOf(job);
  console.log(told(account, seed));
  assert.deepEqual(account.again, []);
  assert.equal(account.finished, 3 * job.outputs.length);
  return account;
}

/** What it told as done was in the journal when it ended. */
function assertKept(session: Session): void {
  const done = wholeRecords(session).filter(({ status }) => status === 'done');
  const lost = done
    .map(({ output }) => nameOf('final', output ?? ''))
    .filter((step) => !session.finished.has(step));
  assert.deepEqual(lost, []);
}

/** A session that was killed may leave half a line. */
function wholeRecords({ ended: { stdout } }: Session): readonly ResultRecord[] {
  return recordsIn({ stdout: stdout.slice(0, stdout.lastIndexOf('\n') + 1) });
}
