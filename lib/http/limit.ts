import { readFileSync } from 'node:fs';

/** Assumed where the system doesn't tell. */
const USUAL_OPEN_FILES = 4096;

/**
 * How many connections may be opened where `wanted` would be useful: no more than three quarters of the files
 * that this process may have open, so that contents, artefacts and child processes still find room.
 */
export function connectionLimit(
  wanted: number,
  openFiles = openFileLimit(),
): { readonly connections: number; readonly capped: boolean } {
  const most = Math.max(1, Math.floor(openFiles * 0.75));
  return { connections: Math.min(wanted, most), capped: wanted > most };
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
