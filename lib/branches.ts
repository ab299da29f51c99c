/** The branch as a key of a Map. */
export function branchKey(branch: readonly number[]): string {
  return branch.join('.');
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

/** Gives the new branches of one flow their places, unique over all of its steps. */
export class Branches {
  readonly #children = new Map<string, number>();

  /** The next new branch beside `branch`, which itself goes on as its own first. */
  beside(branch: readonly number[]): readonly number[] {
    const key = branchKey(branch);
    const position = this.#children.get(key) ?? 1;
    this.#children.set(key, position + 1);
    return [...branch, position];
  }
}
