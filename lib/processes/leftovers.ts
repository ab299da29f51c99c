import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivate } from '../files/private-files.js';
import { lifeOf, thisProcess } from './identity.js';
import { LEDGERS } from './ledger.js';
import { type Noted, parseLedger } from './ledger-lines.js';
import { type Owned, whatRuns } from './running.js';

/** A ledger, and the file that it is in. */
interface Orphaned extends Owned {
  readonly file: string;
}

/**
 * What earlier processes with this folder for artefacts left running on this system when they were killed: a line for
 * each group, which says how to end it. A ledger is removed once nothing of it is left.
 */
export async function leftovers(directory: string): Promise<string[]> {
  const folder = join(directory, LEDGERS);
  const names = await readdir(folder).catch(() => []);
  const read = await Promise.all(names.map((name) => orphaned(join(folder, name), directory)));
  const ledgers = read.flat();
  if (ledgers.length === 0) return [];
  const leftOf = await whatRuns(ledgers);
  const left = await Promise.all(
    ledgers.map(async (ledger) => {
      const left = isFromThisStart(ledger) ? leftOf(ledger) : [];
      if (left.length === 0) await rm(ledger.file, { force: true });
      return left;
    }),
  );
  await rmdir(folder).catch(() => {}); // fails where a ledger is still of use
  return left.flat().map(told);
}

/** The ledger in a file, where its owner has ended. */
async function orphaned(file: string, directory: string): Promise<Orphaned[]> {
  const bytes = await readPrivate(file, directory).catch(() => Buffer.alloc(0));
  const { owner, groups } = parseLedger(bytes.toString('latin1'));
  return owner && (await lifeOf(owner)) === 'ended' ? [{ file, owner, groups }] : [];
}

/** Nothing outlives the system's start. */
function isFromThisStart({ owner }: Owned): boolean {
  return owner.boot === thisProcess().boot;
}

function told({ pid, program, at }: Noted): string {
  const since = new Date(at).toISOString();
  return (
    `warning: an earlier run was killed and left ${JSON.stringify(program)} running, pid ${pid}, since ${since}; ` +
    `end it with: kill -- -${pid}`
  );
}
