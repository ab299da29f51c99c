import type { Billed, Flow } from '../flow/flow.js';
import type { Tariff } from '../step/step.js';
import type { Estimate } from './estimate.js';
import { costOf, type Price } from './price.js';

/** About how long the prompt for a flow is going to be, in characters. */
export type PromptSize = (flow: Flow) => number;

/** What a tariff is made of. */
export interface TariffOptions {
  /** Null where nobody knows. */
  readonly price: () => Promise<Price | null>;
  readonly estimate: Estimate;
  readonly promptSize: PromptSize;
  /** The tier that is asked for, as records name it. */
  readonly tier: string;
  /** The embedded stand-in answers. */
  readonly isSimulated: boolean;
}

/** Characters a token, in prompts; a little less than usual, until the first calls tell more. */
const CHARACTERS = 3;

/** By list prices. The list takes a while to load: that is done while the first call is made. */
export class LazyTariff implements Tariff {
  readonly #options: TariffOptions;
  #loading: Promise<Price | null> | undefined;
  #price: Price | null = null;

  constructor(options: TariffOptions) {
    this.#options = options;
  }

  /** Resolves when the price is there, or there is none. */
  ready(): Promise<Price | null> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  expect(flow: Flow): Billed {
    return this.#options.estimate.expect(this.#promptTokens(flow), this.#price);
  }

  get isGuess(): boolean {
    return this.#options.estimate.isGuess;
  }

  get isSimulated(): boolean {
    return this.#options.isSimulated;
  }

  learn(flow: Flow, billed: Billed): void {
    this.#options.estimate.learn(this.#promptTokens(flow), billed);
  }

  /** Where another tier than the standard one was asked for, only the answer tells which one it is. */
  costOf(billed: Billed): number | null {
    if (billed.tier === undefined && this.#options.tier !== 'standard') return null;
    return this.#price && costOf(billed, this.#price);
  }

  #promptTokens(flow: Flow): number {
    return this.#options.promptSize(flow) / CHARACTERS;
  }

  /** A list that can't be read is no reason to lose what was bought. */
  async #load(): Promise<Price | null> {
    this.#price = await this.#options.price().catch(() => null);
    return this.#price;
  }
}
