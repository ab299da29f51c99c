/** A guess with its bounds. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Tokens that a model answers with, reasoning included, where nothing says how many. */
export const OUTPUT_TOKENS: Range = { low: 200, expected: 1000, high: 4000 };

/** Tokens that codex sends beside the prompt, even for a trivial one; an agent that works sends more. */
export const CODEX_INPUT_TOKENS = { low: 20_000, expected: 32_000 } as const;
