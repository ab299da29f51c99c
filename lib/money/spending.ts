import type { Usage } from '../flow.js';

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
