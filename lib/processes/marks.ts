import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { onLinux } from './table.js';

/**
 * In the environment of each child, and so of all that it starts: a process is known by it even where it began a session
 * of its own and its parent has ended. A process that was itself started with marks adds its own to them.
 * (Codex keeps a variable from its commands where the name has KEY, SECRET or TOKEN in it.)
 */
const VARIABLE = 'ORCHESTRATOR_MARK';

/** The beginning of the marks of all children of this process. */
export const ownMark: string = randomUUID();

let children = 0;

/** A mark for one child. */
export function newMark(): string {
  children++;
  return `${ownMark}.${children}`;
}

/** The environment with the mark in it; as it is where no environment can be read again (only on Linux it can). */
export function withMark(
  env: Readonly<Record<string, string | undefined>>,
  mark: string,
): Readonly<Record<string, string | undefined>> {
  if (!onLinux) return env;
  const outer = process.env[VARIABLE];
  return { ...env, [VARIABLE]: outer ? `${outer} ${mark}` : mark };
}

/** The marks that a process was started with. Linux only; none where this user may not look. */
export function marksOf(pid: number): string[] {
  const entries = environmentOf(pid).split('\0');
  const variable = entries.find((entry) => entry.startsWith(`${VARIABLE}=`));
  return variable === undefined ? [] : variable.slice(VARIABLE.length + 1).split(' ');
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
