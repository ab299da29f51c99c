import type { Noted, Owner } from './ledger-lines.js';
import { startTimes } from './ps.js';
import { type Listed, onLinux, processTable } from './table.js';

/** How well a start is known that is told in whole seconds, milliseconds. */
const ABOUT_MS = 2000;

/** Tells whether something of a group is left that ran when the owner of its ledger last lived. */
export type IsLeft = (group: Noted, owner: Owner) => boolean;

/** Looks at the system's processes. One that was given a number anew is another one. */
export async function whatRuns(): Promise<IsLeft> {
  return onLinux ? inTable(await processTable()) : byStart(await startTimes());
}

function inTable(table: readonly Listed[]): IsLeft {
  return ({ pid, started }, { alive }) => {
    const leader = table.find((listed) => listed.pid === pid);
    if (leader && leader.started !== started) return false;
    const members = table.filter(({ group, isZombie }) => group === pid && !isZombie);
    // Without the leader: the number was theirs while the owner lived, and isn't given anew before the last is gone.
    return members.some(({ session, started = alive }) => leader || (session === pid && started <= alive));
  };
}

/** Where the system tells no more than that. */
function byStart(starts: ReadonlyMap<number, number>): IsLeft {
  return ({ pid, at }) => Math.abs((starts.get(pid) ?? Number.NaN) - at) <= ABOUT_MS;
}
