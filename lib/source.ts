import type { Engine } from './engine.js';
import { messageOf } from './errors.js';
import type { Combination } from './inputs/product.js';

/** The combinations as long as flows are admitted. When the user's values throw, what is in flight still finishes. */
export class Source implements Iterable<Combination> {
  readonly #combinations: Iterable<Combination>;
  readonly #total: number | null;
  readonly #engine: Engine;
  #pulled = 0;
  #ended = false;

  /** @param total how many there are; null where nobody knows */
  constructor(combinations: Iterable<Combination>, total: number | null, engine: Engine) {
    this.#combinations = combinations;
    this.#total = total;
    this.#engine = engine;
  }

  /** Whether there may be more. */
  get hasMore(): boolean {
    return !this.#ended && this.#pulled !== this.#total;
  }

  *[Symbol.iterator](): Generator<Combination> {
    try {
      for (const combination of this.#combinations) {
        if (this.#engine.stopped) return;
        this.#pulled++;
        yield combination;
      }
      this.#ended = true;
    } catch (error) {
      this.#engine.stop({ why: 'fault', message: messageOf(error), error });
    }
  }
}
