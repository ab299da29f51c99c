import type { Usage } from '../flow/flow.js';
import { addUsage, NO_USAGE } from '../flow/usage.js';
import { toPico, toUsd } from '../util/dollars.js';
import { type Spending, tokensIn } from './spending.js';

/** Adds up what calls used: exactly, and with what is unknown kept apart. */
export class Ledger {
  #usage = NO_USAGE;
  #pico = 0;
  #unpriced = 0;

  /** @param costUsd null where it is unknown */
  add(usage: Usage, costUsd: number | null): void {
    this.#usage = addUsage(this.#usage, usage);
    if (costUsd === null) this.#unpriced++;
    else this.#pico += toPico(costUsd);
  }

  get usage(): Usage {
    return this.#usage;
  }

  /** Dollars of all the calls whose price is known. */
  get knownUsd(): number {
    return toUsd(this.#pico);
  }

  /** Calls whose price isn't known. */
  get unpriced(): number {
    return this.#unpriced;
  }

  get spending(): Spending {
    return { tokens: tokensIn(this.#usage), costUsd: this.#unpriced > 0 ? null : this.knownUsd };
  }
}
