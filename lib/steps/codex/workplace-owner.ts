import { readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownerNow, parseLedger } from '../../processes/ledger-lines.js';
import { type Running, whatRuns } from '../../processes/running.js';
import { thisSystem } from '../../processes/system.js';

/** Says which process will remove the folder. */
const CLAIM = 'owner.json';

/** This process will remove the folder; if it can't any more, the next run does. */
export function claim(folder: string): Promise<void> {
  return writeFile(join(folder, CLAIM), JSON.stringify(ownerNow()), { flag: 'wx', mode: 0o600 });
}

/** Nobody removes the folder: it is the user's now. */
export function disclaim(folder: string): Promise<void> {
  return rm(join(folder, CLAIM), { force: true });
}

/**
 * The folders of worktrees (absolute) whose process on this system was killed. One of another system, or of this one
 * before it was restarted, isn't among them: nobody knows whether its process lives.
 */
export async function orphans(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const worktrees = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('worktree_'));
  if (worktrees.length === 0) return [];
  const place = await realpath(directory);
  const running = await whatRuns();
  const found = worktrees.map(({ name }) => orphanIn(join(place, name), running));
  return (await Promise.all(found)).flat();
}

async function orphanIn(folder: string, running: Running): Promise<string[]> {
  const { owner } = parseLedger(await readFile(join(folder, CLAIM), 'latin1').catch(() => ''));
  return owner?.system === thisSystem() && !running.has(owner) ? [folder] : [];
}
