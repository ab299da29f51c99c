import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { childProcess } from './windows.js';

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

/** How long a look at all processes is reused, milliseconds. */
const FRESH_MS = 100;

let latest: Promise<ReadonlySet<number>> | undefined;

/**
 * True if all of a process group has ended, though the system still lists it: orphans stay as zombies until
 * the first process reaps them, which it may do late (or never, in a container). Linux only; elsewhere false.
 * Simultaneous calls share one look at the system's processes.
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

const TABLE = ['-A', '-o', 'pid=,ppid=,pgid=,stat='];
const STARTS = ['-A', '-o', 'pid=,lstart='];
/** In a session of its own, where Ctrl-C doesn't reach it. */
const options = { env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' }, detached: true };
const MOST_BYTES = 2 ** 26;

/** A process as the system lists it. */
export interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** It has ended, and its parent hasn't taken notice yet. */
  readonly isZombie: boolean;
  /** By a signal. */
  readonly isStopped: boolean;
  /** Of its program, at most 15 characters; Linux only. */
  readonly name?: string;
  /** Linux only. */
  readonly session?: number;
  /** When it started, ticks (1/100 s) since the system did; Linux only. */
  readonly started?: number;
}

/** All processes, where the system has no /proc. Empty where there is no `ps` either. */
export async function psTable(): Promise<Listed[]> {
  return rows(await ps(TABLE));
}

/** The same, and nothing else happens meanwhile. */
export function psTableNow(): Listed[] {
  const { stdout, signal, error } = childProcess().spawnSync('ps', TABLE, {
    ...options,
    encoding: 'utf8',
    maxBuffer: MOST_BYTES,
  });
  const diedAtStart = signal !== null && !error;
  return diedAtStart ? psTableNow() : rows(stdout ?? '');
}

/** When each process started, milliseconds since the epoch, in whole seconds. */
export async function startTimes(): Promise<ReadonlyMap<number, number>> {
  const lines = (await ps(STARTS)).matchAll(/^ *(\d+) +(.+)$/gm);
  return new Map(Array.from(lines, ([, pid, start]) => [Number(pid), Date.parse(`${start} UTC`)]));
}

async function ps(args: readonly string[]): Promise<string> {
  const child = childProcess().spawn('ps', args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [output, [, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    const diedAtStart = signal !== null;
    return diedAtStart ? await ps(args) : output;
  } catch {
    return ''; // there is no ps
  }
}

function rows(text: string): Listed[] {
  return Array.from(text.matchAll(/^ *(\d+) +(\d+) +(\d+) +(\S)/gm), ([, pid, parent, group, state]) => ({
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    isZombie: state === 'Z',
    isStopped: state === 'T',
  }));
}
