import type { Combination } from './inputs/product.js';

/**
 * All combinations, those first whose flows an earlier attempt at the run hasn't done: what is new begins at once, and a
 * million flows that only have to be replayed don't hold it up. Goes through the combinations twice, and keeps none.
 */
export function unfinishedFirst(
  combinations: Iterable<Combination>,
  isDone: (index: number) => boolean,
): Iterable<Combination> {
  return {
    *[Symbol.iterator]() {
      for (const combination of combinations) if (!isDone(combination.index)) yield combination;
      for (const combination of combinations) if (isDone(combination.index)) yield combination;
    },
  };
}
