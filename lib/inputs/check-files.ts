import { constants, type Stats } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { messageOf } from '../errors.js';
import { Limit } from './limit.js';

const AT_ONCE = 64;

/** A file that a flow would need, and what is wrong with it. */
export interface BadFile {
  /** Its position among the files that were checked. */
  readonly index: number;
  readonly message: string;
}

/** Looks at every file (absolute): it exists, is a file and can be read. Returns those where that isn't so, in order. */
export async function checkFiles(files: readonly string[]): Promise<BadFile[]> {
  const limit = new Limit(AT_ONCE);
  const messages = await Promise.all(files.map((file) => limit.run(() => problemOf(file))));
  return messages.flatMap((message, index) => (message === null ? [] : [{ index, message }]));
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
