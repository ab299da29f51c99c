import { CODEX_INPUT_TOKENS, LEAST_WRITTEN, OUTPUT_TOKENS } from '../cost/estimate.js';
import { costOf, type Price } from '../cost/price.js';
import { formatUsd } from '../util/dollars.js';
import { ASSUMED_MS, type CallUse, meanUse } from './per-call.js';
import type { PlanStep } from './plan-step.js';
import type { PlannedStep } from './planned-step.js';
import { meanOver } from './prompt-tokens.js';

/** The assumptions of the forecast, a sentence each. */
export function assumptionsOf(planned: readonly PlannedStep[]): string[] {
  const steps = planned.map(({ step }) => step);
  const asks = steps.some(({ call }) => call !== null);
  const [codex, module] = ['codex', 'module'].map((type) => steps.some((step) => step.type === type));
  return [
    ...(asks ? [OUTPUTS, UNCACHED, ...writesOf(planned), TEXTS] : []),
    ...toolsOf(steps),
    ...(codex ? [CODEX] : []),
    ...(steps.some(({ array }) => array) ? ['Each array has one element; more make more calls.'] : []),
    ...(module ? ['A module makes neither more nor fewer flows.'] : []),
    ...timesOf(steps),
  ];
}

const UNCACHED = 'No input is cached, and no call is repeated.';

const OUTPUTS =
  `An answer has ${number(OUTPUT_TOKENS.low)}, ${number(OUTPUT_TOKENS.expected)} or ` +
  `${number(OUTPUT_TOKENS.high)} tokens (low, expected, high), or at most what its step allows.`;

const TEXTS = 'Input tokens are those of prompts, instructions and schemas; the API adds a few to each call.';

const CODEX =
  `codex sends ${number(CODEX_INPUT_TOKENS.low)} (low) or ${number(CODEX_INPUT_TOKENS.expected)} (expected) input ` +
  'tokens beside the prompt, even for a trivial one; when it works it sends more, without an upper bound.';

function toolsOf(steps: readonly PlanStep[]): string[] {
  const tools = new Set(steps.flatMap(({ call }) => call?.tools ?? []));
  if (tools.size === 0) return [];
  return [
    `A call uses ${[...tools].join(', ')} once, at a fee beside the tokens; nothing bounds how often it may.`,
  ];
}

function timesOf(steps: readonly PlanStep[]): string[] {
  const types = new Set(steps.map(({ type }) => type));
  const times = Object.entries(ASSUMED_MS).filter(([type]) => types.has(type));
  if (times.length === 0) return [];
  return [`A call takes ${times.map(([type, ms]) => `${ms / 1000} s (${type})`).join(', ')}.`];
}

function number(count: number): string {
  return count.toLocaleString('en');
}

/** The gap of the forecast where providers bill writes to their caches: a sentence, or none. */
function writesOf(steps: readonly PlannedStep[]): string[] {
  const writing = steps.flatMap((step) => writesIn(step) ?? []);
  if (writing.length === 0) return [];
  const input = sum(writing.map(({ input }) => input));
  const extra = sum(writing.map(({ extra }) => extra));
  const all = sum(steps.map(expectedCost));
  const models = [...new Set(writing.map(({ name }) => name))].join(', ');
  return [
    `No input is written to a cache. ${models} bills that: if all of it was written, it would cost ${percent(extra / input)} ` +
      `more, ${formatUsd(extra)} (${percent(extra / Math.max(all, input))} of all that is expected).`,
  ];
}

interface Writes {
  readonly name: string | null;
  /** Dollars for the input of all prompts that are long enough to be written. */
  readonly input: number;
  /** Dollars beside those, if all of it was written. */
  readonly extra: number;
}

/** Null where nothing is billed, or prompts are too short to be written. */
function writesIn({ step, calls, model }: PlannedStep): Writes | null {
  const price = model?.use.price;
  if (!model || !price) return null;
  const perCall = (written: boolean) =>
    meanOver(model.prompts.lengths, model.per, ({ tokens }) => inputCost(model.use, tokens, price, written));
  const [plain, written] = [perCall(false), perCall(true)];
  if (!(written > plain)) return null;
  return {
    name: step.call?.model ?? null,
    input: plain * calls.count,
    extra: (written - plain) * calls.count,
  };
}

/** Dollars for the input of a call, if that is long enough to be written; else 0. */
function inputCost(use: CallUse, prompt: number, price: Price, written: boolean): number {
  const tokens = use.input(prompt).expected ?? 0;
  if (tokens < LEAST_WRITTEN) return 0;
  const usage = {
    inputTokens: tokens,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    tier: use.tier,
  };
  return costOf({ ...usage, ...(written && { cacheWriteInputTokens: tokens }) }, price) ?? 0;
}

function expectedCost({ calls, model }: PlannedStep): number {
  if (!model) return 0;
  return (meanUse(model.use, model.prompts.lengths, model.per).costUsd.expected ?? 0) * calls.count;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
