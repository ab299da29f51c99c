import type { StepFacts, Usage } from '../flow/flow.js';

/** What calls use up. */
export interface Spending {
  /** Input and output. */
  readonly tokens: number;
  /** Dollars; null where it is unknown. */
  readonly costUsd: number | null;
  /** The embedded stand-in answered: nobody is charged for it. */
  readonly simulated?: true;
}

export function tokensIn({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}

export const NOTHING: Spending = { tokens: 0, costUsd: 0 };

/** What one call used up; null where it is unknown: it broke off, or its server counts nothing. */
export function spentBy({ usage, costUsd = null, simulated }: StepFacts): Spending | null {
  if (!usage && costUsd === null) return null;
  if (!usage && costUsd === 0) return NOTHING;
  return { tokens: usage ? tokensIn(usage) : 0, costUsd, ...(simulated && { simulated }) };
}

/** What one call used up, for the journal: where that is unknown, no tokens at an unknown cost. */
export function loggedFor(facts: StepFacts): Spending {
  return spentBy(facts) ?? { tokens: 0, costUsd: null, ...(facts.simulated && { simulated: true }) };
}
