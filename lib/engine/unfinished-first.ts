import type { Input } from '../flow.js';
import type { Entry } from '../inputs/key.js';
import type { Combination } from '../inputs/product.js';
import { markOf } from '../store/mark.js';

/**
 * All combinations, those first whose flows an earlier attempt at the run hasn't done: what is new begins at once, and a
 * million flows that only have to be replayed don't hold it up. Goes through the combinations twice, and keeps none.
 */
export function unfinishedFirst(
  combinations: Iterable<Combination>,
  wasDone: (mark: number) => boolean,
): Iterable<Combination> {
  const isDone = ({ entries }: Combination) => wasDone(markOf(entries.map(inputOf)));
  return {
    *[Symbol.iterator]() {
      for (const combination of combinations) if (!isDone(combination)) yield combination;
      for (const combination of combinations) if (isDone(combination)) yield combination;
    },
  };
}

/** Contents aren't hashed yet. */
function inputOf({ key, path, identity }: Entry): [name: string, input: Pick<Input, 'path' | 'sha256'>] {
  return [key.name, { path, sha256: identity?.input.sha256 ?? null }];
}
