import { LEAST_WRITTEN } from '../cost/estimate.js';
import { costOf, type Price } from '../cost/price.js';
import { formatUsd } from '../util/dollars.js';
import { type CallUse, meanUse } from './per-call.js';
import type { PlannedStep } from './planned-step.js';
import { meanOver } from './prompt-tokens.js';

/** What the forecast leaves out where providers bill what they write to their caches: a sentence, or none. */
export function writesOf(steps: readonly PlannedStep[]): string[] {
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
