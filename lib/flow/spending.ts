import { toPico, toUsd } from '../util/dollars.js';
import type { StepFacts, Usage } from './flow.js';
import { addUsage, NO_USAGE } from './usage.js';

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

/** Usage of several calls. */
export interface SpendingSum {
  readonly tokens: number;
  /** Dollars of calls with a known cost. */
  readonly costUsd: number;
  /** Number of calls of unknown cost. */
  readonly unknown: number;
}

export const NO_SUM: SpendingSum = { tokens: 0, costUsd: 0, unknown: 0 };

/** Adds up the usage of calls: exactly, whatever their number, and with unknown costs counted apart. */
export class SpendingTotals {
  #tokens = 0;
  #pico = 0;
  #unknown = 0;
  #isEmpty = true;

  add({ tokens, costUsd }: Spending): void {
    this.#isEmpty = false;
    this.#tokens += tokens;
    if (costUsd === null) this.#unknown++;
    else this.#pico += toPico(costUsd);
  }

  /** Nothing was added. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  get sum(): SpendingSum {
    return { tokens: this.#tokens, costUsd: toUsd(this.#pico), unknown: this.#unknown };
  }
}

/** The same for calls whose tokens are told kind by kind. */
export class UsageTotals {
  readonly #spending = new SpendingTotals();
  #usage = NO_USAGE;

  /** @param costUsd null where it is unknown */
  add(usage: Usage, costUsd: number | null): void {
    this.#usage = addUsage(this.#usage, usage);
    this.#spending.add({ tokens: tokensIn(usage), costUsd });
  }

  get usage(): Usage {
    return this.#usage;
  }

  get sum(): SpendingSum {
    return this.#spending.sum;
  }
}
