import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../errors.js';

const AT_ONCE = 32;

/**
 * Looks at the file of every path (resolved against `base`): it exists, is a file and can be read. Returns what is
 * wrong with those where that isn't so, by path.
 */
export async function checkFiles(
  paths: ReadonlySet<string>,
  base: string,
): Promise<ReadonlyMap<string, string>> {
  const bad = new Map<string, string>();
  const queue = paths.values();
  const work = async () => {
    for (const path of queue) {
      const problem = await problemOf(resolve(base, path));
      if (problem !== null) bad.set(path, problem);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.size) }, work));
  return bad;
}

async function problemOf(file: string): Promise<string | null> {
  try {
    const kind = kindOf(await stat(file));
    if (kind) return `is ${kind}; expected a file`;
    await access(file, constants.R_OK);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

function kindOf(stats: Stats): string | null {
  if (stats.isFile()) return null;
  return stats.isDirectory() ? 'a directory' : 'no regular file';
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  return `cannot be read: ${messageOf(error)}`;
}
