import type { StepFacts, Usage } from '../flow.js';

/** What calls use up. */
export interface Spending {
  /** Input and output. */
  readonly tokens: number;
  /** Dollars; null where nobody knows. */
  readonly costUsd: number | null;
}

export function tokensIn({ inputTokens, outputTokens }: Usage): number {
  return inputTokens + outputTokens;
}

/** Nobody counted. */
export const UNKNOWN: Spending = { tokens: 0, costUsd: null };

export const NOTHING: Spending = { tokens: 0, costUsd: 0 };

/** What one call used up; null where nobody knows: it broke off, or its server counts nothing. */
export function spentBy({ usage, costUsd = null }: StepFacts): Spending | null {
  if (usage) return { tokens: tokensIn(usage), costUsd };
  if (costUsd === null) return null;
  return costUsd === 0 ? NOTHING : { tokens: 0, costUsd };
}
