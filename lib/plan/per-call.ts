import type { Usage } from '../flow.js';
import { CODEX_INPUT_TOKENS, OUTPUT_TOKENS } from '../money/assumptions.js';
import { costOf, type Price } from '../money/price.js';
import { tierNamed } from '../money/tiers.js';
import type { ModelCall } from '../steps/contract.js';
import { type Bounds, map, NONE, plus, UNKNOWN } from './bounds.js';
import type { PlanStep } from './plan-step.js';

/** What one call of a step uses. */
export interface PerCall {
  readonly inputTokens: Bounds;
  /** Of a model, or what another step's output makes in tokens. */
  readonly outputTokens: Bounds;
  /** Dollars. */
  readonly costUsd: Bounds;
  /** Milliseconds; null where nobody knows. */
  readonly ms: number | null;
}

/** Milliseconds that a call takes, by type. */
export const ASSUMED_MS: Readonly<Record<string, number>> = { openai: 10_000, codex: 120_000 };

/**
 * Before anything is measured.
 *
 * @param prompt tokens of its own prompt
 * @param before the outputs of earlier steps that it gets
 */
export function assumed(
  { call, type }: PlanStep,
  prompt: number,
  before: readonly Bounds[],
  price: Price | null,
): PerCall {
  const ms = ASSUMED_MS[type] ?? null;
  if (!call) return { inputTokens: NONE, outputTokens: ANY, costUsd: NONE, ms };
  const own: Bounds = { low: prompt, expected: prompt, high: prompt };
  const beside: Bounds = type === 'codex' ? { ...CODEX_INPUT_TOKENS, high: null } : NONE;
  const inputTokens = before.reduce(plus, plus(own, beside));
  const outputTokens = outputOf(call.maxOutputTokens ?? Infinity);
  return { inputTokens, outputTokens, costUsd: costIn(call, inputTokens, outputTokens, price), ms };
}

/** What no model said may be empty, or of any length. */
const ANY: Bounds = { low: 0, expected: 0, high: null };

function outputOf(most: number): Bounds {
  const { low, expected, high } = OUTPUT_TOKENS;
  return {
    low: Math.min(low, most),
    expected: Math.min(expected, most),
    high: Number.isFinite(most) ? most : high,
  };
}

/** Dollars, as if nothing was cached, and each tool with a fee called once (at least never, at most nobody knows). */
function costIn(
  { tools, serviceTier }: ModelCall,
  inputTokens: Bounds,
  outputTokens: Bounds,
  price: Price | null,
): Bounds {
  if (!price) return UNKNOWN;
  const tier = tierNamed(serviceTier ?? 'default');
  const toolCalls = Object.fromEntries(tools.map((tool) => [tool, 1]));
  const costs = map((bound) => {
    const [input, output] = [inputTokens[bound], outputTokens[bound]];
    if (input === null || output === null) return null;
    return costOf({ ...usage(input, output), tier, ...(bound !== 'low' && { toolCalls }) }, price);
  });
  return tools.length > 0 ? { ...costs, high: null } : costs;
}

function usage(inputTokens: number, outputTokens: number): Usage {
  return { inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 };
}
