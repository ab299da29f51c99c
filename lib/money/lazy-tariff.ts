import type { Usage } from '../flow.js';
import type { Tariff } from '../step.js';
import { costOf, type Price } from './price.js';

/** By list prices. The list takes a while to load: that is done while the first call is made. */
export class LazyTariff implements Tariff {
  readonly #load: () => Promise<Price | null>;
  #loading: Promise<Price | null> | undefined;
  #price: Price | null = null;

  /** @param load null where nobody knows */
  constructor(load: () => Promise<Price | null>) {
    this.#load = load;
  }

  /** Resolves when the price is there, or there is none. */
  ready(): Promise<Price | null> {
    this.#loading ??= this.#keep();
    return this.#loading;
  }

  costOf(usage: Usage): number | null {
    return this.#price && costOf(usage, this.#price);
  }

  /** A list that can't be read is no reason to lose what was bought. */
  async #keep(): Promise<Price | null> {
    this.#price = await this.#load().catch(() => null);
    return this.#price;
  }
}
