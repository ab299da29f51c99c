import { lstat, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError, codeOf, messageOf } from '../errors.js';
import { isPrivateFolder, openPrivate, readPrivate, UnsafeFile } from '../files/private-files.js';
import { writing } from './errors.js';
import { type Holder, holderOf, lock } from './lock.js';
import { type ReadRunFile, readRunFile } from './run-file.js';
import { idOf, lockIn, runFolder } from './run-folder.js';
import { Signer } from './signer.js';
import type { UserKey } from './user-key.js';

/** A run, as its folder shows it. */
export interface RunSummary {
  readonly id: string;
  readonly folder: string;
  /** The content of `run.json`; null where it is missing or damaged. */
  readonly file: ReadRunFile | null;
  /** The holder of the lock; null where the run isn't live, or its lock can't be read. */
  readonly holder: Holder | null;
  /** Of all that is in its folder. */
  readonly bytes: number;
}

/** All runs of a generated folder, in the order in which they were last started or resumed. @param key of the user */
export async function listRuns(
  generated: string,
  key: UserKey | null = null,
): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  for (const id of await runIds(generated)) runs.push(await summary(id, runFolder(generated, id), key));
  return runs;
}

/** The ids of the runs of a generated folder, in the same order; other users' are left out. */
async function runIds(generated: string): Promise<readonly string[]> {
  const { ours: there } = await idsIn(generated);
  const sat = (await lastSittings(generated)).filter((id) => there.includes(id));
  return [...there.filter((id) => !sat.includes(id)), ...sat];
}

/** The ids of other users' runs in a generated folder. */
export async function foreignIds(generated: string): Promise<readonly string[]> {
  return (await idsIn(generated)).foreign;
}

interface Ids {
  readonly ours: readonly string[];
  readonly foreign: readonly string[];
}

async function idsIn(generated: string): Promise<Ids> {
  const ids = (await foldersIn(generated)).map(idOf).filter((id) => id !== undefined);
  const ours = ids.filter((id) => isPrivateFolder(runFolder(generated, id), generated)).sort();
  return { ours, foreign: ids.filter((id) => !ours.includes(id)) };
}

async function summary(id: string, folder: string, key: UserKey | null): Promise<RunSummary> {
  // A damaged run doesn't hide the others; opening it reports the damage.
  const file = await readRunFile(folder, key && new Signer(key, folder)).catch(() => null);
  const holder = await holderOf(lockIn(folder)).catch(() => null);
  return { id, folder, file, holder, bytes: await bytesIn(folder) };
}

/** Of all that is in a run's folder. */
export async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  // All of it, or a lock in it, may vanish meanwhile.
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    bytes += (await lstat(join(folder, name)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    const why = codeOf(error) === 'ENOTDIR' ? 'it is a file' : messageOf(error);
    const message = `cannot look for runs in ${folder}: ${why}; name the folder that they were left in`;
    throw new ConfigError([{ where: '--generated', message }]);
  }
}

/** Deletes a run's folder with all that is in it. Rejects with a LockError where the run is live. */
export async function removeRun(folder: string): Promise<void> {
  const { release } = await lock(lockIn(folder));
  try {
    await rm(folder, { recursive: true });
  } catch (error) {
    await release();
    throw error;
  }
}

const MOST_NAMED = 5;

/**
 * The folder of a run: `last` is the one last started or resumed; else by its id, the beginning of that, or its folder.
 * Rejects with a ConfigError that names the runs where none matches, or several, and where it is another user's.
 */
export async function findRun(generated: string, meant: string): Promise<string> {
  const ids = await runIds(generated);
  const found = meant === 'last' ? ids.slice(-1) : matching(ids, idMeant(generated, meant));
  const [id] = found;
  if (id !== undefined && found.length === 1) return runFolder(generated, id);
  if (found.length === 0) await refuseForeign(generated, meant);
  const message = ids.length === 0 ? `there is no run in ${generated} yet` : whichThen(meant, found, ids);
  throw new ConfigError([{ where: '', message }]);
}

async function refuseForeign(generated: string, meant: string): Promise<void> {
  const [id] = matching(await foreignIds(generated), idMeant(generated, meant));
  if (id === undefined) return;
  const message = `${runFolder(generated, id)} belongs to another user; copy it to a folder of your own, and name that with --generated`;
  throw new ConfigError([{ where: '', message }]);
}

/** Undefined where it is a path to somewhere else. */
function idMeant(generated: string, meant: string): string | undefined {
  const name = basename(meant);
  const elsewhere = name !== meant && resolve(dirname(meant)) !== resolve(generated);
  return elsewhere ? undefined : (idOf(name) ?? name);
}

function matching(ids: readonly string[], beginning: string | undefined): readonly string[] {
  if (beginning === undefined || beginning === '') return [];
  return ids.includes(beginning) ? [beginning] : ids.filter((id) => id.startsWith(beginning));
}

function whichThen(meant: string, found: readonly string[], ids: readonly string[]): string {
  const named = JSON.stringify(meant);
  if (found.length > 1) return `${named} begins the ids of several runs: ${latest(found)}`;
  return `no run ${named}; the latest are ${latest(ids)}`;
}

function latest(ids: readonly string[]): string {
  const more = ids.length > MOST_NAMED ? ', …' : '';
  return `${ids.toReversed().slice(0, MOST_NAMED).join(', ')}${more}`;
}

/*
 * `generated/.runs` has a line for each time that a run was started or resumed: its id. So the last one is known whatever
 * the clock says. Where another user began it, it is left alone: then the ids tell the order.
 */

/** Rejects with a WriteFailure. */
export async function noteSitting(generated: string, id: string): Promise<void> {
  const file = fileIn(generated);
  await writing(file, async () => {
    const handle = await openPrivate(file, generated, 'append').catch(nullIfForeign);
    await handle?.appendFile(`${id}\n`).finally(() => handle.close());
  });
}

/** Ids in the order of their last sessions, the last one at the end. */
async function lastSittings(generated: string): Promise<readonly string[]> {
  const ids = (await textIn(generated)).split('\n').filter((id) => id !== '');
  return [...new Set(ids.reverse())].reverse();
}

async function textIn(generated: string): Promise<string> {
  try {
    return (await readPrivate(fileIn(generated), generated)).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    return nullIfForeign(error) ?? '';
  }
}

function nullIfForeign(error: unknown): null {
  if (error instanceof UnsafeFile || codeOf(error) === 'EACCES') return null;
  throw error;
}

function fileIn(generated: string): string {
  return join(generated, '.runs');
}
