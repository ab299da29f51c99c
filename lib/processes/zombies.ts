import type { Listed } from './ps.js';
import { processTable, processTableNow } from './table.js';

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
