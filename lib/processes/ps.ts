import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { childProcess } from './windows.js';

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
