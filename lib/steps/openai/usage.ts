import type { Usage } from '../../flow.js';
import { tokenCount } from '../token-count.js';

/** A count of tokens; servers leave out, or garble, what they don't count. */
export const count = tokenCount.nullish().catch(null);

type Count = number | null | undefined;

/** Undefined where the server told nothing: unknown is not zero. */
export function usageOf(input: Count, cached: Count, output: Count, reasoning: Count): Usage | undefined {
  if (typeof input !== 'number' && typeof output !== 'number') return undefined;
  return {
    inputTokens: input ?? 0,
    cachedInputTokens: cached ?? 0,
    outputTokens: output ?? 0,
    reasoningTokens: reasoning ?? 0,
  };
}
