import type { Engine } from './engine.js';
import { messageOf } from './errors.js';
import type { Combination } from './inputs/product.js';

/** The combinations as long as flows are admitted. When the user's values throw, what is in flight still finishes. */
export class Source implements Iterable<Combination> {
  readonly #combinations: Iterable<Combination>;
  readonly #engine: Engine;

  constructor(combinations: Iterable<Combination>, engine: Engine) {
    this.#combinations = combinations;
    this.#engine = engine;
  }

  *[Symbol.iterator](): Generator<Combination> {
    try {
      for (const combination of this.#combinations) {
        if (this.#engine.stopped) return;
        yield combination;
      }
    } catch (error) {
      this.#engine.stop({ why: 'fault', message: messageOf(error), error });
    }
  }
}
