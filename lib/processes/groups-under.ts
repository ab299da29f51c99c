import type { Listed } from './ps.js';

/** The groups, and all in which something was started by what is in one of them. */
export function groupsUnder(roots: Iterable<number>, table: readonly Listed[]): ReadonlySet<number> {
  const found = new Set(roots);
  let known = 0;
  while (known < found.size) {
    known = found.size;
    const members = new Set(table.filter(({ group }) => found.has(group)).map(({ pid }) => pid));
    for (const { parent, group } of table) if (members.has(parent)) found.add(group);
  }
  return found;
}
