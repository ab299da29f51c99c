import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPrivate } from '../files/private-files.js';
import { lifeOf, thisProcess } from './identity.js';
import { type Look, look } from './look.js';
import { type Noted, notedLater, type Owner, PID_FILES, type PidEntry, parsePidFile } from './pid-file.js';
import { type Listed, onLinux, startTimes } from './table.js';

/** A ledger, and the file that it is in. */
interface Orphaned extends Owned {
  readonly file: string;
}

/**
 * Processes that earlier runs with this folder for artefacts left behind when they were killed: a line for each group,
 * which says how to end it. Removes a pid file once nothing of it is left.
 */
export async function leftovers(directory: string): Promise<string[]> {
  const folder = join(directory, PID_FILES);
  const names = await readdir(folder).catch(() => []);
  const read = await Promise.all(names.map((name) => orphaned(join(folder, name), directory)));
  const pidFiles = read.flat();
  if (pidFiles.length === 0) return [];
  const leftOf = await whatRuns(pidFiles);
  const left = await Promise.all(
    pidFiles.map(async (pidFile) => {
      const left = isFromThisStart(pidFile) ? leftOf(pidFile) : [];
      if (left.length === 0) await rm(pidFile.file, { force: true });
      return left;
    }),
  );
  await rmdir(folder).catch(() => {}); // fails where a ledger is still of use
  return left.flat().map(told);
}

/** The ledger in a file, where its owner has ended. */
async function orphaned(file: string, directory: string): Promise<Orphaned[]> {
  const bytes = await readPrivate(file, directory).catch(() => Buffer.alloc(0));
  const { owner, groups } = parsePidFile(bytes.toString('latin1'));
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

/** Precision of a start time in whole seconds, milliseconds. */
const ABOUT_MS = 2000;

/** A pid file whose owner is known. */
interface Owned extends PidEntry {
  readonly owner: Owner;
}

/** Lists the remaining groups of a pid file's owner. */
type LeftOf = (pidFile: Owned) => Noted[];

/**
 * Looks at the system's processes. One that was given a number anew is another one.
 *
 * @param pidFiles to look up
 */
async function whatRuns(pidFiles: readonly Owned[]): Promise<LeftOf> {
  if (!onLinux) return byStart(await startTimes());
  return inLook(await look(Math.min(...pidFiles.map(({ owner }) => owner.started ?? 0))));
}

/** The noted groups that remain, and the groups that they began since. */
function inLook({ table, groupsByMark }: Look): LeftOf {
  return ({ owner, groups }) => {
    const noted = groups.filter((group) => isLeft(group, owner, table));
    const marked = [...groupsByMark].filter(([mark]) => mark.startsWith(`${owner.mark}.`));
    const further = new Set(marked.flatMap(([, groups]) => [...groups]));
    for (const { pid } of noted) further.delete(pid);
    return [
      ...noted,
      ...Array.from(further, (group) => membersOf(group, table).slice(0, 1).map(notedLater)).flat(),
    ];
  };
}

function isLeft({ pid, started }: Noted, { alive }: Owner, table: readonly Listed[]): boolean {
  const leader = table.find((listed) => listed.pid === pid);
  if (leader && leader.started !== started) return false;
  // Without the leader: the number was theirs while the owner lived, and isn't reused before the last process has
  // ended.
  return membersOf(pid, table).some(
    ({ session, started = alive }) => leader || (session === pid && started <= alive),
  );
}

function membersOf(pid: number, table: readonly Listed[]): Listed[] {
  return table.filter(({ group, isZombie }) => group === pid && !isZombie);
}

/** For systems that tell only the start times. */
function byStart(starts: ReadonlyMap<number, number>): LeftOf {
  return ({ groups }) =>
    groups.filter(({ pid, at }) => Math.abs((starts.get(pid) ?? Number.NaN) - at) <= ABOUT_MS);
}
