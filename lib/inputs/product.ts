import type { Entry, Key } from './key.js';

/** One entry of each key, in the order of the keys. */
export interface Combination {
  /** Position in the product, from 0. */
  readonly index: number;
  readonly entries: readonly Entry[];
}

/** How many combinations there are; null where only iterating over them tells. */
export function productSize(keys: readonly Key[]): number | null {
  if (keys.some(({ count }) => count === 0)) return 0;
  return keys.reduce<number | null>(
    (size, { count }) => (size === null || count === null ? null : size * count),
    1,
  );
}

/**
 * Every combination of the keys' entries, one at a time; the last key varies fastest. No keys make one combination.
 * Closing the generator closes the iterators of the keys.
 */
export function* product(keys: readonly Key[]): Generator<Combination, void, undefined> {
  const lists = keys.map(reusable);
  const rounds: (Iterator<Entry> | undefined)[] = [];
  const entries: Entry[] = [];
  let place = 0;
  let index = 0;
  try {
    while (place >= 0) {
      const list = lists[place];
      if (!list) {
        yield { index: index++, entries: entries.slice() };
        place--;
        continue;
      }
      const round = rounds[place] ?? list[Symbol.iterator]();
      const { done, value } = round.next();
      rounds[place] = done ? undefined : round;
      if (!done) entries[place] = value;
      place += done ? -1 : 1;
    }
  } finally {
    for (const round of rounds) round?.return?.();
  }
}

/**
 * The first key is iterated once: its entries live as long as their round. The entries of the others are made once and
 * used in every round, unless their number is unknown.
 */
function reusable(key: Key, place: number): Iterable<Entry> {
  if (place > 0 && key.count !== null) return [...key.entries()];
  return { [Symbol.iterator]: () => key.entries()[Symbol.iterator]() };
}
