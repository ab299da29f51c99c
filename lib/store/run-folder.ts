import { randomInt } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf } from '../errors.js';
import { evenIfRemoved, makeGeneratedFolder } from '../files/generated-folder.js';

const PREFIX = 'run_';
const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

/**
 * Makes the folder of a new run, `<generated>/run_20261122-101500-k3x9`: ids sort by their time (UTC), and four letters
 * tell apart the runs of the same second.
 */
export async function makeRunFolder(generated: string): Promise<string> {
  return evenIfRemoved(async () => {
    makeGeneratedFolder(generated);
    for (;;) {
      const folder = runFolder(generated, newId());
      if (await isMade(folder)) return folder;
    }
  });
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

/** The run's id, from its folder's name; undefined where it isn't the folder of a run. */
export function idOf(folder: string): string | undefined {
  const name = basename(folder);
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** The file that is the run's lock. */
export function lockIn(folder: string): string {
  return join(folder, 'lock');
}
