import { readdir, readFile } from 'node:fs/promises';

/**
 * Whether all of a process group has ended, though the system still lists it: orphans stay as zombies until
 * the first process reaps them, which it may do late (or never, in a container). Linux only; elsewhere false.
 */
export async function isGroupOfZombies(group: number): Promise<boolean> {
  const entries = await readdir('/proc').catch(() => []);
  const stats = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map(readStat));
  const members = stats.filter((stat) => stat.group === group);
  return members.length > 0 && members.every(({ state }) => state === 'Z' || state === 'X');
}

/** `/proc/<pid>/stat` is `pid (name) state parent group …`; the name may hold spaces and parentheses. */
async function readStat(pid: string): Promise<{ state: string | undefined; group: number }> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, group: Number(group) };
}
