import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../errors.js';

/** Assumed where the system doesn't tell. */
const USUAL_OPEN_FILES = 4096;
/** The rest is for contents, artefacts and the journal. */
const SHARE = 0.75;
/** Between two tries, milliseconds. */
export const PAUSE_MS = 100;
/** Nothing gave a file back during so many pauses: half a minute. */
export const MOST_PAUSES = 300;

/**
 * How many holders of so many files each may be open at once: three quarters of the files that this process may have.
 */
export function mostAtOnce(filesOfEach: number, openFiles = openFileLimit()): number {
  return Math.max(1, Math.floor((openFiles * SHARE) / filesOfEach));
}

/** True if the process (EMFILE) or the system (ENFILE) has too many files open. */
export function isOutOfFiles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
}

/** Does the work; where no file can be opened it is done again a little later, until it can or half a minute is over. */
export async function withFiles<T>(work: () => Promise<T>): Promise<T> {
  for (let pauses = 0; ; pauses++) {
    try {
      return await work();
    } catch (error) {
      if (!isOutOfFiles(error) || pauses === MOST_PAUSES) throw error;
    }
    await delay(PAUSE_MS);
  }
}

function openFileLimit(): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits())?.[1];
  if (soft === undefined) return USUAL_OPEN_FILES;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

function limits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
