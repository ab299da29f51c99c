import { type Ledgered, type Noted, notedLater, type Owner } from './ledger-lines.js';
import { type Look, look } from './look.js';
import { type Listed, startTimes } from './ps.js';
import { onLinux } from './table.js';

/** How well a start is known that is told in whole seconds, milliseconds. */
const ABOUT_MS = 2000;

/** A ledger whose owner is known. */
export interface Owned extends Ledgered {
  readonly owner: Owner;
}

/** Tells what is left of what the owner of a ledger had started. */
export type LeftOf = (ledger: Owned) => Noted[];

/**
 * Looks at the system's processes. One that was given a number anew is another one.
 *
 * @param ledgers those that are to be asked for
 */
export async function whatRuns(ledgers: readonly Owned[]): Promise<LeftOf> {
  if (!onLinux) return byStart(await startTimes());
  return inLook(await look(Math.min(...ledgers.map(({ owner }) => owner.started ?? 0))));
}

/** What was noted, and what has begun further groups since. */
function inLook({ table, groupsByMark }: Look): LeftOf {
  return ({ owner, groups }) => {
    const noted = groups.filter((group) => isLeft(group, owner, table));
    const marked = [...groupsByMark].filter(([mark]) => mark.startsWith(`${owner.mark}.`));
    const further = new Set(marked.flatMap(([, groups]) => [...groups]));
    for (const { pid } of noted) further.delete(pid);
    return [
      ...noted,
      ...Array.from(further, (group) => membersOf(group, table).slice(0, 1).map(notedLater)).flat(),
    ];
  };
}

function isLeft({ pid, started }: Noted, { alive }: Owner, table: readonly Listed[]): boolean {
  const leader = table.find((listed) => listed.pid === pid);
  if (leader && leader.started !== started) return false;
  // Without the leader: the number was theirs while the owner lived, and isn't given anew before the last is gone.
  return membersOf(pid, table).some(
    ({ session, started = alive }) => leader || (session === pid && started <= alive),
  );
}

function membersOf(pid: number, table: readonly Listed[]): Listed[] {
  return table.filter(({ group, isZombie }) => group === pid && !isZombie);
}

/** Where the system tells no more than that. */
function byStart(starts: ReadonlyMap<number, number>): LeftOf {
  return ({ groups }) =>
    groups.filter(({ pid, at }) => Math.abs((starts.get(pid) ?? Number.NaN) - at) <= ABOUT_MS);
}
