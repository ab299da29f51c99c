import { open, rename, rm } from 'node:fs/promises';
import { codeOf } from '../errors.js';
import { openPrivate } from '../files/private-files.js';

/** Where a folder can't be opened or synced (Windows, some network drives), its names are as safe as can be. */
const CANT_SYNC: ReadonlySet<string | undefined> = new Set(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP']);

/**
 * Writes a file for its owner only, or replaces it: it gets its name when all of it is on the disk.
 *
 * @param below the folder that the user named
 */
export async function writeWhole(file: string, below: string, text: string): Promise<void> {
  const part = partOf(file);
  try {
    await writeSynced(part, below, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** The name of a file until it is completely on the disk. */
export function partOf(file: string): string {
  return `${file}.part`;
}

async function writeSynced(file: string, below: string, text: string): Promise<void> {
  const handle = await openPrivate(file, below, 'replace');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Gives a file its name after its content, written by any process, is on the disk. */
export async function syncWhole(file: string, below: string): Promise<void> {
  const part = partOf(file);
  const handle = await openPrivate(part, below, 'change');
  await handle.datasync().finally(() => handle.close());
  await rename(part, file);
}

/** Sees to it that the names in the folder are on the disk, too. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder);
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!CANT_SYNC.has(codeOf(error))) throw error;
  }
}
