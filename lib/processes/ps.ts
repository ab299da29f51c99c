import { promisify } from 'node:util';
import { childProcess } from './child-process.js';
import type { Listed } from './table.js';

const TABLE = ['-A', '-o', 'pid=,ppid=,pgid=,stat='];
const STARTS = ['-A', '-o', 'pid=,lstart='];
const options = { env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' }, maxBuffer: 2 ** 26 };

/** All processes, where the system has no /proc. Empty where there is no `ps` either. */
export async function psTable(): Promise<Listed[]> {
  return rows(await ps(TABLE));
}

/** The same, and nothing else happens meanwhile. */
export function psTableNow(): Listed[] {
  const { stdout } = childProcess().spawnSync('ps', TABLE, { ...options, encoding: 'utf8' });
  return rows(stdout ?? '');
}

/** When each process started, milliseconds since the epoch, in whole seconds. */
export async function startTimes(): Promise<ReadonlyMap<number, number>> {
  const lines = (await ps(STARTS)).matchAll(/^ *(\d+) +(.+)$/gm);
  return new Map(Array.from(lines, ([, pid, start]) => [Number(pid), Date.parse(`${start} UTC`)]));
}

async function ps(args: readonly string[]): Promise<string> {
  const execFile = promisify(childProcess().execFile);
  const { stdout } = await execFile('ps', args, options).catch(() => ({ stdout: '' }));
  return stdout;
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
