/*
 * A branch is the way it took: one number for each operator that it came through, from the first to the last: 0 where
 * it was the first that the operator emitted, n where it was the n-th beside it. Zeros at the end are left out, so a
 * flow that never branched has an empty branch. Places depend on the emissions alone, not on their timing.
 */

/** The branch as a key of a Map. */
export function branchKey(branch: readonly number[]): string {
  return branch.join('.');
}

/** The `nth` (from 1) new branch beside `branch`, made by the operator that `depth` others come before. */
export function branchBeside(branch: readonly number[], depth: number, nth: number): readonly number[] {
  const padding = Array<number>(depth - branch.length).fill(0);
  return [...branch, ...padding, nth];
}

/** Before, with or after: parents come before their children, siblings in order. */
export function compareBranches(a: readonly number[], b: readonly number[]): number {
  for (const [depth, position] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return 1;
    if (position !== other) return position - other;
  }
  return a.length - b.length;
}
