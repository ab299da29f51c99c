import { open, rename, rm } from 'node:fs/promises';
import { codeOf } from '../errors.js';

/** Where a folder can't be opened or synced (Windows, some network drives), its names are as safe as can be. */
const CANT_SYNC: ReadonlySet<string | undefined> = new Set(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP']);

/** Writes a file for its owner only, or replaces it: it gets its name when all of it is on the disk. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await writeSynced(part, text);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
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
