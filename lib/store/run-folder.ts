import { randomInt } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from '../errors.js';

const PREFIX = 'run_';
const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

/**
 * Makes the folder of a new run, `<generated>/run_20261122-101500-k3x9`: ids sort by their time (UTC), and four letters
 * tell apart the runs of the same second.
 */
export async function makeRunFolder(generated: string): Promise<string> {
  await mkdir(generated, { recursive: true, mode: 0o700 });
  await keepOutOfGit(generated);
  for (;;) {
    const folder = runFolder(generated, newId());
    if (await isMade(folder)) return folder;
  }
}

/** Prompts and outputs are private: a folder that is new is ignored, one that holds something already is its owner's. */
async function keepOutOfGit(generated: string): Promise<void> {
  const held = await readdir(generated);
  if (held.length === 0) await writeFile(join(generated, '.gitignore'), '*\n', { mode: 0o600 });
}

async function isMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function newId(): string {
  const [date = '', time = ''] = new Date().toISOString().replace(/[-:]/g, '').split(/[T.]/);
  const letters = Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]);
  return `${date}-${time}-${letters.join('')}`;
}

export function runFolder(generated: string, id: string): string {
  return join(generated, `${PREFIX}${id}`);
}

/** The run's id, from its folder's name; undefined where it is no run's. */
export function idOf(folder: string): string | undefined {
  const name = basename(folder);
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** The file that is the run's lock. */
export function lockIn(folder: string): string {
  return join(folder, 'lock');
}
