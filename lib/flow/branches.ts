/*
 * A branch is the way it took: one number for each step that can branch (operators, and steps with `array`), from the
 * first to the last. For an operator it is 0 where it was the first emission, n where it was the n-th beside it, and
 * zeros at the end are left out; for an array it is the position of its element. So a flow that never branched has an
 * empty branch, and places depend on what was emitted alone, not on its timing.
 */

/** The branch as a key of a Map. */
export function branchKey(branch: readonly number[]): string {
  return branch.length === 0 ? '' : branch.join('.');
}

/** The `nth` branch that `branch` becomes at a step that `depth` others that can branch come before. */
export function subBranch(branch: readonly number[], depth: number, nth: number): readonly number[] {
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
