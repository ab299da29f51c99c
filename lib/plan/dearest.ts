import { MICRO } from './bounds.js';
import { costBounds } from './per-call.js';
import type { PlannedModel, PlannedStep } from './planned-step.js';
import { type LongPrompt, MOST_NAMED } from './prompt-tokens.js';
import type { Totals } from './step-forecast.js';

/** A prompt whose call is expected to cost more than others. */
export interface DearPrompt {
  /** The step's name. */
  readonly step: string;
  /** Paths, by the key's name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** How many calls are expected to send it. */
  readonly calls: number;
  /** Expected input of one call. */
  readonly inputTokens: number;
  /** Expected cost of all calls; null where the price is unknown. */
  readonly costUsd: number | null;
  /** Their part of the dollars of all steps; where a price is unknown, of all tokens. From 0 to 1. */
  readonly share: number;
}

/**
 * The prompts with the dearest calls of all steps, the dearest first. None where a few calls are all there are.
 *
 * @param names of the steps, all different
 */
export function dearestPrompts(
  steps: readonly PlannedStep[],
  names: readonly string[],
  total: Totals,
): DearPrompt[] {
  if (total.calls.count <= MOST_NAMED) return [];
  const whole = total.costUsd.expected ?? tokensIn(total);
  const isPriced = total.costUsd.expected !== null;
  return steps
    .flatMap((step, place) => longPrompts(step, names[place] ?? step.step.name))
    .map((prompt) => ({ prompt, used: isPriced ? (prompt.costUsd ?? 0) : prompt.tokens }))
    .sort((a, b) => b.used / b.prompt.calls - a.used / a.prompt.calls)
    .slice(0, MOST_NAMED)
    .map(({ prompt: { tokens: _, calls, costUsd, ...prompt }, used }) => ({
      ...prompt,
      calls: Math.round(calls),
      costUsd: costUsd === null ? null : rounded(costUsd, MICRO),
      share: rounded(used / (whole || 1), 1000),
    }));
}

function tokensIn({ inputTokens, outputTokens }: Totals): number {
  return (inputTokens.expected ?? 0) + (outputTokens.expected ?? 0);
}

interface UsedByPrompt extends Omit<DearPrompt, 'share'> {
  /** Of all calls with it, input and output. */
  readonly tokens: number;
}

function longPrompts(planned: PlannedStep, name: string): UsedByPrompt[] {
  const { model } = planned;
  return model
    ? model.prompts.longest.map((prompt) => ({ step: name, ...usedBy(prompt, planned, model) }))
    : [];
}

function usedBy(
  prompt: LongPrompt,
  { calls }: PlannedStep,
  { use, per }: PlannedModel,
): Omit<UsedByPrompt, 'step'> {
  const count = calls.count * prompt.part[per];
  const input = use.input(prompt.tokens).expected ?? prompt.tokens;
  const cost = costBounds(use, prompt.tokens).expected;
  return {
    inputs: prompt.inputs,
    calls: count,
    inputTokens: Math.round(input),
    costUsd: cost === null ? null : cost * count,
    tokens: (input + (use.outputTokens.expected ?? 0)) * count,
  };
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
