import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf, systemReason } from '../errors.js';

/** Looks at once at a disk that lets one wait. */
const AT_ONCE = 32;
/** A look that took longer comes from such a disk (a network), milliseconds. */
const SLOW_MS = 2;

/**
 * Checks the file of every path (resolved against `base`): it exists, is a file and can be read. Returns the mistakes,
 * by path.
 */
export async function checkFiles(
  paths: ReadonlySet<string>,
  base: string,
): Promise<ReadonlyMap<string, string>> {
  const bad = new Map<string, string>();
  const queue = paths.values();
  const note = (path: string, problem: string | null) => {
    if (problem !== null) bad.set(path, problem);
  };
  checkNear(queue, base, note);
  const work = async () => {
    for (const path of queue) note(path, await problemOf(resolve(base, path)));
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.size) }, work));
  return bad;
}

type Note = (path: string, problem: string | null) => void;

/** As long as the disk answers at once: asking it through the thread pool costs five times as much. */
function checkNear(queue: IterableIterator<string>, base: string, note: Note): void {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const began = performance.now();
    note(next.value, problemAtOnce(resolve(base, next.value)));
    if (performance.now() - began > SLOW_MS) return;
  }
}

function problemAtOnce(file: string): string | null {
  try {
    const problem = kindProblem(statSync(file));
    if (problem === null) accessSync(file, constants.R_OK);
    return problem;
  } catch (error) {
    return reasonOf(error);
  }
}

async function problemOf(file: string): Promise<string | null> {
  try {
    const problem = kindProblem(await stat(file));
    if (problem === null) await access(file, constants.R_OK);
    return problem;
  } catch (error) {
    return reasonOf(error);
  }
}

function kindProblem(stats: Stats): string | null {
  if (stats.isFile()) return null;
  return `is ${stats.isDirectory() ? 'a directory' : 'not a regular file'}; expected a file`;
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  if (code === 'ENAMETOOLONG') return 'no file has so long a name';
  return `cannot be read: ${systemReason(error)}`;
}
