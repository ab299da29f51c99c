import { CODEX_INPUT_TOKENS, OUTPUT_TOKENS } from '../cost/estimate.js';
import { costOf, type Price } from '../cost/price.js';
import type { ToolCalls } from '../flow/flow.js';
import { tierNamed } from '../flow/usage.js';
import { type Bounds, map, NONE, ONE, plus, UNKNOWN } from './bounds.js';
import type { PlanStep } from './plan-step.js';
import { type Calls, meanOver, type PromptLength } from './prompt-tokens.js';

/** Average usage of one call of a step. */
export interface PerCall {
  readonly inputTokens: Bounds;
  /** Of a model, or the tokens of another step's output. */
  readonly outputTokens: Bounds;
  /** Dollars. */
  readonly costUsd: Bounds;
}

/** Usage of a call to a model. */
export interface CallUse {
  /** Input tokens, by those of the step's own prompt, which are counted. */
  input(prompt: number): Bounds;
  readonly outputTokens: Bounds;
  /** How often it uses each tool with a fee. */
  readonly toolCalls: Readonly<Record<string, Bounds>>;
  readonly tier: string;
  /** In the standard tier; null where that is unknown. */
  readonly price: Price | null;
  /** The real cost of calls relative to their cost in their tier if no input were cached. */
  readonly costFactor: Bounds;
}

/** Milliseconds that a call takes, by type. */
export const ASSUMED_MS: Readonly<Record<string, number>> = { openai: 10_000, codex: 120_000 };

/** An output that doesn't come from a model may be empty, or of any length. */
export const ANY: Bounds = { low: 0, expected: 0, high: null };

/** Nothing bounds how often a tool may be used. */
const ONCE: Bounds = { low: 0, expected: 1, high: null };

/** Before anything is measured. @param before the outputs of earlier steps that it gets */
export function assumedUse(
  { call, type }: PlanStep,
  before: readonly Bounds[],
  price: Price | null,
): CallUse | null {
  if (!call) return null;
  const beside: Bounds = type === 'codex' ? { ...CODEX_INPUT_TOKENS, high: null } : NONE;
  const added = before.reduce(plus, beside);
  return {
    input: (prompt) => plus({ low: prompt, expected: prompt, high: prompt }, added),
    outputTokens: outputOf(call.maxOutputTokens ?? Infinity),
    toolCalls: Object.fromEntries(call.tools.map((tool) => [tool, ONCE])),
    tier: tierNamed(call.serviceTier ?? 'default'),
    price,
    costFactor: ONE,
  };
}

function outputOf(most: number): Bounds {
  const { low, expected, high } = OUTPUT_TOKENS;
  return {
    low: Math.min(low, most),
    expected: Math.min(expected, most),
    high: Number.isFinite(most) ? most : high,
  };
}

/** On average over prompts of these lengths: the rates may depend on the length of each. */
export function meanUse(use: CallUse, lengths: readonly PromptLength[], calls: Calls): PerCall {
  const mean = (of: (prompt: number) => Bounds) => meanBounds(lengths, calls, of);
  return {
    inputTokens: mean(use.input),
    outputTokens: use.outputTokens,
    costUsd: mean((prompt) => costBounds(use, prompt)),
  };
}

/** Dollars of a call whose own prompt has so many tokens. */
export function costBounds(use: CallUse, prompt: number): Bounds {
  const { input, outputTokens, price, costFactor } = use;
  if (!price) return UNKNOWN;
  const inputTokens = input(prompt);
  return map((bound) => {
    const [tokens, output, factor] = [inputTokens[bound], outputTokens[bound], costFactor[bound]];
    const toolCalls = toolCallsIn(use, bound);
    if (tokens === null || output === null || factor === null || toolCalls === null) return null;
    const usage = { inputTokens: tokens, cachedInputTokens: 0, outputTokens: output, reasoningTokens: 0 };
    const cost = costOf({ ...usage, toolCalls, tier: use.tier }, price);
    return cost === null ? null : cost * factor;
  });
}

/** The tools that are called: a tool without calls needs no fee. Null where their number is unbounded. */
function toolCallsIn({ toolCalls }: CallUse, bound: keyof Bounds): ToolCalls | null {
  const calls: Record<string, number> = {};
  for (const [tool, bounds] of Object.entries(toolCalls)) {
    const count = bounds[bound];
    if (count === null) return null;
    if (count > 0) calls[tool] = count;
  }
  return calls;
}

function meanBounds(lengths: readonly PromptLength[], calls: Calls, of: (prompt: number) => Bounds): Bounds {
  const each = new Map(lengths.map((length) => [length, of(length.tokens)]));
  return map((bound) => {
    if ([...each.values()].some((bounds) => bounds[bound] === null)) return null;
    return meanOver(lengths, calls, (length) => each.get(length)?.[bound] ?? 0);
  });
}
