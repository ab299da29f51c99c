import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivate } from '../private-files.js';
import { lifeOf, thisProcess } from './identity.js';
import { LEDGERS } from './ledger.js';
import { type Noted, parseLedger } from './ledger-lines.js';
import { type IsLeft, whatRuns } from './running.js';

/**
 * What earlier processes with this folder for artefacts left running on this system when they were killed: a line for
 * each group, which says how to end it. A ledger is removed once nothing of it is left.
 */
export async function leftovers(directory: string): Promise<string[]> {
  const folder = join(directory, LEDGERS);
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return [];
  const isLeft = await whatRuns();
  const left = await Promise.all(names.map((name) => leftIn(join(folder, name), directory, isLeft)));
  await rmdir(folder).catch(() => {}); // fails where a ledger is still of use
  return left.flat().map(told);
}

async function leftIn(file: string, directory: string, isLeft: IsLeft): Promise<Noted[]> {
  const bytes = await readPrivate(file, directory).catch(() => Buffer.alloc(0));
  const { owner, groups } = parseLedger(bytes.toString('latin1'));
  if (!owner || (await lifeOf(owner)) !== 'ended') return [];
  // Nothing outlives the system's start.
  const left = owner.boot === thisProcess().boot ? groups.filter((group) => isLeft(group, owner)) : [];
  if (left.length === 0) await rm(file, { force: true });
  return left;
}

function told({ pid, program, at }: Noted): string {
  const since = new Date(at).toISOString();
  return (
    `warning: an earlier run was killed and left ${JSON.stringify(program)} running, pid ${pid}, since ${since}; ` +
    `end it with: kill -- -${pid}`
  );
}
