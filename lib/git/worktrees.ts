import { lstat, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withRoom } from '../files/private-files.js';
import { git } from './git.js';
import { guarded } from './guard.js';
import type { Repository } from './repository.js';
import { Worktree } from './worktree.js';

const TRIES = 4;
const PAUSE_MS = 40;

/** The last one in line for each repository, whichever run of this process uses it. */
const lines = new Map<string, Promise<unknown>>();

/**
 * Adds a worktree at the repository's commit. Nothing may stand at the folder (absolute) yet. One at a time, except for
 * writing the files: that takes long in large repositories, and touches no shared state. Rejects with a WriteFailure
 * where the disk is full.
 */
export async function addWorktree(
  repository: Repository,
  folder: string,
  signal: AbortSignal,
): Promise<Worktree> {
  const { root, commit } = repository;
  const place = await guarded(repository.place);
  const add = ['worktree', 'add', '--no-checkout', '--detach', folder, commit];
  const clear = () => remove(repository, folder);
  const home = dirname(folder);
  const onDisk = <T>(work: () => Promise<T>) => withRoom(home, dirname(home), work);
  await inLine(root, () => persistently(() => onDisk(() => git(add, { ...place, signal })), clear, signal));
  try {
    return await onDisk(async () => {
      await git(['reset', '--hard', '--quiet'], await guarded({ ...repository.place, cwd: folder, signal }));
      return Worktree.open(folder, repository.place.env);
    });
  } catch (error) {
    await inLine(root, clear);
    throw error;
  }
}

/** Removes a worktree with all that it holds, one at a time, whatever its state. */
export function removeWorktree(repository: Repository, folder: string): Promise<void> {
  return inLine(repository.root, () => remove(repository, folder));
}

/** Not by `prune`: it would forget worktrees of the user, too, whose disk isn't there at the moment. */
async function remove({ place }: Repository, folder: string): Promise<void> {
  const clear = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  if (await isLink(folder)) await clear(); // git would follow it to another worktree
  const forget = () => git(['worktree', 'remove', '--force', '--force', folder], place).catch(unlessUnknown);
  await persistently(forget, clear);
  await clear();
}

async function isLink(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isSymbolicLink() ?? false;
}

function unlessUnknown(error: Error): void {
  if (!error.message.endsWith('is not a working tree')) throw error;
}

/** Another process may be adding or removing a worktree at this moment: then git fails, and once more is enough. */
async function persistently(
  task: () => Promise<unknown>,
  afterFailure: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await task();
      return;
    } catch (error) {
      await afterFailure();
      if (tries === TRIES || signal?.aborted) throw error;
    }
    await delay(PAUSE_MS * tries * (1 + Math.random()));
  }
}

/** After the previous task, however that ended. */
function inLine<T>(root: string, task: () => Promise<T>): Promise<T> {
  const turn = (lines.get(root) ?? Promise.resolve()).then(task, task);
  lines.set(root, turn);
  return turn;
}
