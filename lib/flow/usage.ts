import type { Usage } from './flow.js';

export const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

/** The sum of two counts. */
export function addUsage(a: Usage, b: Usage): Usage {
  const inputTokens = a.inputTokens + b.inputTokens;
  const cachedInputTokens = a.cachedInputTokens + b.cachedInputTokens;
  const outputTokens = a.outputTokens + b.outputTokens;
  const reasoningTokens = a.reasoningTokens + b.reasoningTokens;
  if (a.cacheWriteInputTokens === undefined && b.cacheWriteInputTokens === undefined) {
    return { inputTokens, cachedInputTokens, outputTokens, reasoningTokens };
  }
  const cacheWriteInputTokens = (a.cacheWriteInputTokens ?? 0) + (b.cacheWriteInputTokens ?? 0);
  return { inputTokens, cachedInputTokens, cacheWriteInputTokens, outputTokens, reasoningTokens };
}

/** As servers write tiers, where records have another name. */
const NAMES: Readonly<Record<string, string>> = {
  auto: 'standard',
  default: 'standard',
  on_demand: 'standard',
  fast: 'priority',
};

/** The name of a tier in records. @param told in a request or an answer */
export function tierNamed(told: string): string {
  return Object.hasOwn(NAMES, told) ? (NAMES[told] ?? told) : told;
}
