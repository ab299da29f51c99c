import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, codeOf, messageOf } from '../errors.js';
import { isPrivateFolder } from '../files/private-files.js';
import { type Holder, holderOf } from './holder.js';
import { type ReadRunFile, readRunFile } from './run-file.js';
import { idOf, lockIn, runFolder } from './run-folder.js';
import { Signer } from './signer.js';
import { lastSittings } from './sittings.js';
import type { UserKey } from './user-key.js';

/** A run, as its folder shows it. */
export interface RunSummary {
  readonly id: string;
  readonly folder: string;
  /** What `run.json` says; null where that is missing or damaged. */
  readonly file: ReadRunFile | null;
  /** Who has it; null where it isn't live, or its lock can't be read. */
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
export async function runIds(generated: string): Promise<readonly string[]> {
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
  // One that is damaged doesn't hide the others; whoever opens it is told.
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
