import { randomBytes } from 'node:crypto';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../errors.js';
import { openPrivate } from '../files/private-files.js';
import { userId } from '../files/user.js';

/** The secret that distinguishes a user's own runs from runs made up by others. */
export type UserKey = Buffer;

export interface FoundKey {
  readonly key: UserKey | null;
  /** Why it can't be read or made; null where there is one, or none was made yet. */
  readonly problem: string | null;
}

const KEY_BYTES = 32;
const OTHERS = 0o077;

/** The key in a user's state folder. @param folder null where it is unknown */
export function findUserKey(folder: string | null): Promise<FoundKey> {
  return attempt(folder, readKey);
}

/** The same; it is made where there is none. */
export function makeUserKey(folder: string | null): Promise<FoundKey> {
  return attempt(folder, async (folder) => {
    const key = await readKey(folder);
    if (key) return key;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return newKey(folder);
  });
}

async function attempt(
  folder: string | null,
  get: (folder: string) => Promise<UserKey | null>,
): Promise<FoundKey> {
  if (folder === null) return { key: null, problem: 'neither HOME nor XDG_STATE_HOME is set' };
  try {
    return { key: await get(folder), problem: null };
  } catch (error) {
    return { key: null, problem: messageOf(error) };
  }
}

async function readKey(folder: string): Promise<UserKey | null> {
  const file = keyIn(folder);
  try {
    const handle = await openPrivate(file, folder, 'read');
    try {
      const { mode } = await handle.stat();
      // Windows, which has no such users, reports 0666.
      if (userId !== undefined && (mode & OTHERS) !== 0)
        throw new Error(`${file} is open to others; delete it`);
      const key = await handle.readFile();
      if (key.length !== KEY_BYTES) throw new Error(`${file} isn't a key of ${KEY_BYTES} bytes; delete it`);
      return key;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Of several processes that make one at the same time all use the one that got the name. */
async function newKey(folder: string): Promise<UserKey | null> {
  const own = join(folder, `key.${randomBytes(6).toString('hex')}.new`);
  const handle = await openPrivate(own, folder, 'create');
  try {
    await handle.writeFile(randomBytes(KEY_BYTES));
    await handle.sync();
    await link(own, keyIn(folder)).catch((error) => unlessThere(error, own, keyIn(folder)));
  } finally {
    await handle.close();
    await rm(own, { force: true });
  }
  return readKey(folder);
}

/** A disk without hard links: the last key stays, and a run that began at the same moment with another one isn't signed. */
async function unlessThere(error: unknown, own: string, file: string): Promise<void> {
  if (codeOf(error) !== 'EEXIST') await rename(own, file);
}

function keyIn(folder: string): string {
  return join(folder, 'key');
}
