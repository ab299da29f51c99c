import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { psTable, psTableNow } from './ps.js';

export const onLinux = platform() === 'linux';

/** A process as the system lists it. */
export interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** It has ended, and its parent hasn't taken notice yet. */
  readonly isZombie: boolean;
  /** By a signal. */
  readonly isStopped: boolean;
  /** Linux only. */
  readonly session?: number;
  /** When it started, ticks (1/100 s) since the system did; Linux only. */
  readonly started?: number;
}

/** All processes of the system. */
export async function processTable(): Promise<Listed[]> {
  if (!onLinux) return psTable();
  const names = await readdir('/proc').catch(() => []);
  const texts = await Promise.all(
    names.filter(isPid).map((pid) => readFile(statOf(pid), 'latin1').catch(none)),
  );
  return texts.flatMap(parse);
}

/** The same, and nothing else happens meanwhile: for the last moment of this process. */
export function processTableNow(): Listed[] {
  if (!onLinux) return psTableNow();
  return namesNow()
    .filter(isPid)
    .flatMap((pid) => parse(textNow(pid)));
}

let next: Promise<Listed[]> | undefined;

/** The same for all who ask at once, as it will be once they all have asked. */
export function nextTable(): Promise<Listed[]> {
  next ??= setImmediate().then(() => {
    next = undefined;
    return processTable();
  });
  return next;
}

/** One process, or undefined where there is none; Linux only. */
export function lookUp(pid: number): Listed | undefined {
  return parse(textNow(String(pid)))[0];
}

function namesNow(): string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

function textNow(pid: string): string {
  try {
    return readFileSync(statOf(pid), 'latin1');
  } catch {
    return none();
  }
}

function statOf(pid: string): string {
  return `/proc/${pid}/stat`;
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name);
}

function none(): string {
  return '';
}

/** `pid (name) state parent group session …`; the name may hold spaces and parentheses. The 22nd field is the start. */
function parse(text: string): Listed[] {
  if (text === '') return [];
  const [state, parent, group, session, ...others] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return [
    {
      pid: Number.parseInt(text, 10),
      parent: Number(parent),
      group: Number(group),
      isZombie: state === 'Z' || state === 'X',
      isStopped: state === 'T',
      session: Number(session),
      started: Number(others[15]),
    },
  ];
}
