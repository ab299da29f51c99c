import type { StepFacts, Usage } from '../flow/flow.js';
import { addUsage, NO_USAGE } from '../flow/usage.js';
import { toPico, toUsd } from '../util/dollars.js';

/** Usage of calls. */
export interface Spending {
  /** Input and output. */
  readonly tokens: number;
  /** Dollars; null where it is unknown. */
  readonly costUsd: number | null;
  /** The embedded stand-in answered: it is never charged. */
  readonly simulated?: true;
}

export function tokensIn({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}

export const NOTHING: Spending = { tokens: 0, costUsd: 0 };

/** Usage of one call; null where it is unknown: it broke off, or its server counts nothing. */
export function spentBy({ usage, costUsd = null, simulated }: StepFacts): Spending | null {
  if (!usage && costUsd === null) return null;
  if (!usage && costUsd === 0) return NOTHING;
  return { tokens: usage ? tokensIn(usage) : 0, costUsd, ...(simulated && { simulated }) };
}

/** Usage of one call, for the journal: an unknown usage is no tokens at an unknown cost. */
export function loggedFor(facts: StepFacts): Spending {
  return spentBy(facts) ?? { tokens: 0, costUsd: null, ...(facts.simulated && { simulated: true }) };
}

/** Adds up what calls used: exactly, and with what is unknown kept apart. */
export class UsageTotals {
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
