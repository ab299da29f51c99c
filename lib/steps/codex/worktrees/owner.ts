import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readPrivate, removePrivate, writePrivate } from '../../../files/private-files.js';
import { lifeOf, processIdentity, thisProcess } from '../../../processes/identity.js';
import { jsonIn } from '../../../util/values.js';

/** Says which process will remove the folder. */
const CLAIM = 'owner.json';

/** This process will remove the folder; if it is killed, the next run does. */
export function claim(folder: string): Promise<void> {
  return writePrivate(join(folder, CLAIM), dirname(folder), JSON.stringify(thisProcess()));
}

/** From now on the folder is the user's, and is never removed. */
export function disclaim(folder: string): Promise<void> {
  return removePrivate(join(folder, CLAIM));
}

/** The folders of worktrees (absolute) whose process was killed, as far as this system can tell. */
export async function orphans(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const worktrees = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('worktree_'));
  if (worktrees.length === 0) return [];
  const place = await realpath(directory);
  const folders = worktrees.map(({ name }) => join(place, name));
  const found = folders.map(async (folder) => ((await isOrphan(folder)) ? [folder] : []));
  return (await Promise.all(found)).flat();
}

async function isOrphan(folder: string): Promise<boolean> {
  const text = await readPrivate(join(folder, CLAIM), dirname(folder)).then(String, () => '');
  const { data } = processIdentity.safeParse(jsonIn(text));
  return data !== undefined && (await lifeOf(data)) === 'ended';
}
