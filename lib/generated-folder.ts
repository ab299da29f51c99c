import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './errors.js';
import { readPrivate, UnsafeFile, writePrivate } from './private-files.js';

/** Names that this program gives in the folder. */
const OURS = /^(run_|codex_exec_|worktree_|\.runs$|\.running$|\.gitignore$)/;

/**
 * Makes the folder, with those around it, and keeps it out of git: prompts and outputs are private. A folder that holds
 * something else, or has a .gitignore with content, is left as its owner wants it.
 */
export async function makeGeneratedFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = await readdir(folder);
  if (names.every((name) => OURS.test(name)) && (await lacksContent(folder))) await ignoreAll(folder);
}

/** An empty one is left by a disk that was full. */
async function lacksContent(folder: string): Promise<boolean> {
  try {
    return (await readPrivate(ignoreFileIn(folder), folder)).length === 0;
  } catch (error) {
    if (error instanceof UnsafeFile) return false;
    if (codeOf(error) === 'ENOENT') return true;
    throw error;
  }
}

async function ignoreAll(folder: string): Promise<void> {
  const file = ignoreFileIn(folder);
  try {
    await writePrivate(file, folder, '*\n', 'replace');
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return; // another run has just done it
    await rm(file, { force: true });
    throw error;
  }
}

function ignoreFileIn(folder: string): string {
  return join(folder, '.gitignore');
}
