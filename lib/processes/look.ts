import process from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { marksOf } from './marks.js';
import { inTurns, type Listed, lookUp, processTable, processTableNow } from './table.js';

/** The system's processes at one moment, and their parents by mark. */
export interface Look {
  readonly table: readonly Listed[];
  /** The groups in which a process with that mark runs. */
  readonly groupsByMark: ReadonlyMap<string, ReadonlySet<number>>;
}

/** @param since start of the process whose children are wanted, ticks. Default: this one */
export async function look(since = ownStart()): Promise<Look> {
  const table = await processTable();
  const groupsByMark = new Map<string, Set<number>>();
  await inTurns(startedSince(table, since), (listed) => addTo(groupsByMark, listed));
  return { table, groupsByMark };
}

/** The same, and nothing else happens meanwhile: for the last moment of this process. */
export function lookNow(): Look {
  const table = processTableNow();
  const groupsByMark = new Map<string, Set<number>>();
  for (const listed of startedSince(table, ownStart())) addTo(groupsByMark, listed);
  return { table, groupsByMark };
}

let next: Promise<Look> | undefined;

/** Shared by simultaneous callers: the processes after the last of them has asked. */
export function nextLook(): Promise<Look> {
  next ??= setImmediate().then(() => {
    next = undefined;
    return look();
  });
  return next;
}

/** Most processes are older than a run: their environment isn't read. */
function startedSince(table: readonly Listed[], since: number): Listed[] {
  return table.filter(({ started, isZombie }) => started !== undefined && started >= since && !isZombie);
}

function addTo(groups: Map<string, Set<number>>, { pid, group }: Listed): void {
  for (const mark of marksOf(pid)) groups.set(mark, (groups.get(mark) ?? new Set()).add(group));
}

function ownStart(): number {
  return lookUp(process.pid)?.started ?? Number.POSITIVE_INFINITY;
}
