import type { Combination } from '../inputs/product.js';
import type { Store } from '../store/contract.js';
import { markOf } from './unread.js';

type WasDone = NonNullable<Store['wasDone']>;

/** What is new; then what wasn't done, which may fail again and end the run; then what only has to be replayed. */
const ORDER = [undefined, false, true] as const;

/** All combinations in that order. Goes through them once for each part, and keeps none. */
export function unfinishedFirst(
  combinations: Iterable<Combination>,
  wasDone: WasDone,
): Iterable<Combination> {
  return {
    *[Symbol.iterator]() {
      for (const part of ORDER)
        for (const combination of combinations) if (wasDone(markOf(combination)) === part) yield combination;
    },
  };
}

/** How many flows an earlier attempt at the run has done. */
export function countDone(combinations: Iterable<Combination>, wasDone: WasDone): number {
  let count = 0;
  for (const combination of combinations) if (wasDone(markOf(combination))) count++;
  return count;
}
