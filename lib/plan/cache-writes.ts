import { formatUsd } from '../money/dollars.js';
import { LEAST_WRITTEN } from '../money/estimate.js';
import { costOf } from '../money/price.js';
import type { ModelForecast, StepForecast } from './step-forecast.js';

/** What the forecast leaves out where providers bill what they write to their caches: a sentence, or none. */
export function writesOf(steps: readonly StepForecast[]): string[] {
  const writing = steps.flatMap(({ calls, model }) => {
    const writes = model && writesIn(model, calls.count);
    return writes ? [writes] : [];
  });
  if (writing.length === 0) return [];
  const input = sum(writing.map(({ input }) => input));
  const extra = sum(writing.map(({ extra }) => extra));
  const all = sum(steps.map(({ model }) => model?.costUsd.expected ?? 0));
  const models = [...new Set(writing.map(({ name }) => name))].join(', ');
  return [
    `No input is written to a cache. ${models} bills that: if all of it was written, it would cost ${percent(extra / input)} ` +
      `more, ${formatUsd(extra)} (${percent(extra / Math.max(all, input))} of all that is expected).`,
  ];
}

interface Writes {
  readonly name: string | null;
  /** Dollars for all input. */
  readonly input: number;
  /** Dollars beside those, if all of it was written. */
  readonly extra: number;
}

/** Null where nothing is billed, or prompts are too short to be written. */
function writesIn({ name, price, tier, inputTokens }: ModelForecast, calls: number): Writes | null {
  const tokens = (inputTokens.expected ?? 0) / Math.max(1, calls);
  if (!price || tokens < LEAST_WRITTEN) return null;
  const usage = { inputTokens: tokens, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0, tier };
  const plain = costOf(usage, price);
  const written = costOf({ ...usage, cacheWriteInputTokens: tokens }, price);
  if (plain === null || written === null || written <= plain) return null;
  return { name, input: plain * calls, extra: (written - plain) * calls };
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
