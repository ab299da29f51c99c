import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { type Listed, psTable, psTableNow } from './ps.js';

export const onLinux = platform() === 'linux';

/** How many processes are looked up without a break: 0.05 ms each. */
const IN_A_ROW = 20;

/** All processes of the system. */
export async function processTable(): Promise<Listed[]> {
  if (!onLinux) return psTable();
  const table: Listed[] = [];
  await inTurns(pidsNow(), (pid) => table.push(...parse(textNow(pid))));
  return table;
}

/**
 * Does something for each process, with room for other work after a few. Files in /proc are best read at once: reading
 * them in another thread takes four times the processor's time.
 */
export async function inTurns<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index % IN_A_ROW === 0) await setImmediate();
    work(item);
  }
}

/** The same, and nothing else happens meanwhile: for the last moment of this process. */
export function processTableNow(): Listed[] {
  return onLinux ? pidsNow().flatMap((pid) => parse(textNow(pid))) : psTableNow();
}

/** One process, or undefined where there is none; Linux only. */
export function lookUp(pid: number): Listed | undefined {
  return parse(textNow(String(pid)))[0];
}

function pidsNow(): string[] {
  try {
    return readdirSync('/proc').filter(isPid);
  } catch {
    return [];
  }
}

function textNow(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name);
}

/** `pid (name) state parent group session …`; the name may hold spaces and parentheses. The 22nd field is the start. */
function parse(text: string): Listed[] {
  if (text === '') return [];
  const nameEnd = text.lastIndexOf(')');
  const [state, parent, group, session, ...others] = text.slice(nameEnd + 2).split(' ');
  return [
    {
      pid: Number.parseInt(text, 10),
      parent: Number(parent),
      group: Number(group),
      isZombie: state === 'Z' || state === 'X',
      isStopped: state === 'T',
      name: text.slice(text.indexOf('(') + 1, nameEnd),
      session: Number(session),
      started: Number(others[15]),
    },
  ];
}

/** How long what a look at all processes found is told again, milliseconds. */
const FRESH_MS = 100;

let latest: Promise<ReadonlySet<number>> | undefined;

/**
 * Whether all of a process group has ended, though the system still lists it: orphans stay as zombies until
 * the first process reaps them, which it may do late (or never, in a container). Linux only; elsewhere false.
 * All who ask within a moment share one look at the system's processes.
 */
export async function isGroupOfZombies(group: number): Promise<boolean> {
  latest ??= lookAround();
  return (await latest).has(group);
}

/** All such groups at this moment. */
export function groupsOfZombiesNow(): ReadonlySet<number> {
  return groupsOfZombies(processTableNow());
}

async function lookAround(): Promise<ReadonlySet<number>> {
  const groups = groupsOfZombies(await processTable());
  setTimeout(forget, FRESH_MS).unref();
  return groups;
}

function forget(): void {
  latest = undefined;
}

function groupsOfZombies(table: readonly Listed[]): ReadonlySet<number> {
  const ended = new Set<number>();
  const running = new Set<number>();
  for (const { isZombie, group } of table) (isZombie ? ended : running).add(group);
  for (const group of running) ended.delete(group);
  return ended;
}
