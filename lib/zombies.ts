import { readdir, readFile } from 'node:fs/promises';

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

async function lookAround(): Promise<ReadonlySet<number>> {
  const groups = await groupsOfZombies();
  setTimeout(forget, FRESH_MS).unref();
  return groups;
}

function forget(): void {
  latest = undefined;
}

async function groupsOfZombies(): Promise<ReadonlySet<number>> {
  const entries = await readdir('/proc').catch(() => []);
  const stats = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map(readStat));
  const ended = new Set<number>();
  const running = new Set<number>();
  for (const { state, group } of stats) (state === 'Z' || state === 'X' ? ended : running).add(group);
  for (const group of running) ended.delete(group);
  return ended;
}

/** `/proc/<pid>/stat` is `pid (name) state parent group …`; the name may hold spaces and parentheses. */
async function readStat(pid: string): Promise<{ state: string | undefined; group: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, group: Number(group) };
}
