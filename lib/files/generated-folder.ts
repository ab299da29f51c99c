import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { readPrivateSync, UnsafeFile, writePrivateSync } from './private-files.js';

/** Names that this program gives in the folder. */
const OURS = /^(run_|codex_exec_|worktree_|\.runs$|\.running$|\.gitignore$)/;
const IGNORE_ALL = '*\n';

/** A run that ends removes the folder at most once. */
const ATTEMPTS = 10;

/** Works in the folder that it makes; again where another run, which kept nothing, removes the folder meanwhile. */
export function evenIfRemovedSync<T>(work: () => T): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The same of work that takes its time. */
export async function evenIfRemoved<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Makes the folder, with those around it, and keeps it out of git: prompts and outputs are private. A folder that holds
 * something else, or has a .gitignore with content, is left as its owner wants it. Called before anything is written there.
 */
export function makeGeneratedFolder(folder: string): void {
  evenIfRemovedSync(() => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // An empty one is left by a disk that was full.
    if (ignoredIn(folder) !== '') return;
    if (readdirSync(folder).every((name) => OURS.test(name))) ignoreAll(folder);
  });
}

/** Removes our .gitignore where nothing else is left, if it can be removed. */
export function tidyGeneratedFolder(folder: string): void {
  try {
    if (ignoredIn(folder) === IGNORE_ALL && readdirSync(folder).length === 1) rmSync(ignoreFileIn(folder));
  } catch {}
}

/** The content of its .gitignore: empty where there is none; null where it isn't ours. */
function ignoredIn(folder: string): string | null {
  try {
    return readPrivateSync(ignoreFileIn(folder), folder).toString();
  } catch (error) {
    if (error instanceof UnsafeFile) return null;
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function ignoreAll(folder: string): void {
  const file = ignoreFileIn(folder);
  try {
    writePrivateSync(file, folder, IGNORE_ALL, 'replace');
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return; // another run has just done it
    rmSync(file, { force: true });
    throw error;
  }
}

function ignoreFileIn(folder: string): string {
  return join(folder, '.gitignore');
}
