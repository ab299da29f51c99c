import type { Combination } from '../inputs/product.js';
import { markOf } from './unread.js';

/**
 * All combinations, those first whose flows an earlier attempt at the run hasn't done: what is new begins at once, and a
 * million flows that only have to be replayed don't hold it up. Goes through the combinations twice, and keeps none.
 */
export function unfinishedFirst(
  combinations: Iterable<Combination>,
  wasDone: (mark: number) => boolean,
): Iterable<Combination> {
  const isDone = (combination: Combination) => wasDone(markOf(combination));
  return {
    *[Symbol.iterator]() {
      for (const combination of combinations) if (!isDone(combination)) yield combination;
      for (const combination of combinations) if (isDone(combination)) yield combination;
    },
  };
}

/** How many flows an earlier attempt at the run has done. */
export function countDone(combinations: Iterable<Combination>, wasDone: (mark: number) => boolean): number {
  let count = 0;
  for (const combination of combinations) if (wasDone(markOf(combination))) count++;
  return count;
}
