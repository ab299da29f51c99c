import type { RunContext } from '../context/run-context.js';
import { messageOf } from '../errors.js';
import type { Flow, Input } from '../flow/flow.js';
import { newFlow } from '../inputs/identity.js';
import type { Entry } from '../inputs/key.js';
import type { Combination } from '../inputs/product.js';
import type { Store } from '../store/contract.js';
import { markOf as markOfInputs } from '../store/marks.js';

/**
 * The combinations, until the run stops admitting flows. When the user's values throw, flows in flight still finish.
 */
export class Source implements Iterable<Combination> {
  readonly #combinations: Iterable<Combination>;
  /** How many are pulled at most; null where it is unknown. */
  readonly #most: number | null;
  readonly #runContext: RunContext;
  #pulled = 0;
  #ended = false;
  /** Looks ahead; opened on first use. */
  #scout: Iterator<Combination> | undefined;
  /** The scout's current combination; `#seenCount` includes it. */
  #seen: Combination | undefined;
  #seenCount = 0;

  /**
   * @param total how many there are; null where it is unknown
   * @param only positions of those that are wanted; default: all of them
   */
  constructor(
    combinations: Iterable<Combination>,
    total: number | null,
    runContext: RunContext,
    only?: ReadonlySet<number>,
  ) {
    this.#combinations = only ? { [Symbol.iterator]: () => picked(combinations, only) } : combinations;
    this.#most = only?.size ?? total;
    this.#runContext = runContext;
  }

  /** True if there may be more combinations. */
  get hasMore(): boolean {
    return !this.#ended && this.#pulled !== this.#most;
  }

  /**
   * True if a combination that wasn't pulled yet fits. The scout only goes forward: it looks at each combination about
   * once, however often this is called. Undefined where the combinations can be iterated only once.
   */
  anyLeft(fits: (combination: Combination) => boolean): boolean | undefined {
    if (this.#most === null) return undefined;
    this.#scout ??= this.#combinations[Symbol.iterator]();
    for (;;) {
      if (this.#seen && this.#seenCount > this.#pulled && fits(this.#seen)) return true;
      const { done, value } = this.#scout.next();
      if (done) return false;
      this.#seen = value;
      this.#seenCount++;
    }
  }

  *[Symbol.iterator](): Generator<Combination> {
    try {
      for (const combination of this.#combinations) {
        if (this.#runContext.stopped) return;
        this.#pulled++;
        yield combination;
      }
      this.#ended = true;
    } catch (error) {
      this.#runContext.stop({ why: 'fault', message: messageOf(error), error });
    }
  }
}

/** Ends with the last of them. */
function* picked(
  combinations: Iterable<Combination>,
  positions: ReadonlySet<number>,
): Generator<Combination, void, undefined> {
  let left = positions.size;
  for (const combination of combinations) {
    if (!positions.has(combination.index)) continue;
    yield combination;
    if (--left === 0) return;
  }
}

type WasDone = NonNullable<Store['wasDone']>;

/** New flows first; then unfinished ones, which may fail again and end the run; then those that are only replayed. */
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

/** The flow of a combination before its contents are read and hashed: it has no id yet. */
export function unread({ index, entries }: Combination): Flow {
  return newFlow('', index, Object.fromEntries(entries.map(inputOf)), 0);
}

/** By which a store knows the flow of a combination. */
export function markOf({ entries }: Combination): number {
  return markOfInputs(entries.map(inputOf));
}

function inputOf({ key, path, identity }: Entry): [name: string, input: Input] {
  return [key.name, identity?.input ?? { path, sha256: null }];
}
