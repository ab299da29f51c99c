import { costOf, type Price } from '../cost/price.js';
import type { StepRecord } from '../flow/flow.js';
import { NO_USAGE } from '../flow/usage.js';
import { stepLabels } from '../step/labels.js';
import { toPico } from '../util/dollars.js';
import { type Bounds, UNKNOWN } from './bounds.js';
import { type Forecast, forecastOf } from './forecast.js';
import { correctedInput } from './input-correction.js';
import type { CallUse } from './per-call.js';
import type { PlannedModel, PlannedStep } from './planned-step.js';
import { mean, meanFrom } from './sample-mean.js';

/** A call of a pilot. */
export interface MeasuredCall {
  readonly record: StepRecord;
  /** The position of its flow. */
  readonly flow: number;
  /** Tokens of its own prompt, as they were counted. */
  readonly promptTokens: number;
}

/** The results of a pilot. */
export interface Pilot {
  /** Of each step, in order: all of its calls, each once. */
  readonly calls: readonly (readonly MeasuredCall[])[];
  /** Positions of the flows that were run; they should be spread over all (`spread`). */
  readonly flows: readonly number[];
}

/**
 * Corrects the forecast by the usage of some flows of the run. The counted length of each prompt stays. A pilot tells
 * the input sent beside it, the length of answers, the savings of caches, and the time of calls. Steps that no flow
 * reached stay as they were.
 */
export function remeasured(
  before: Forecast,
  planned: readonly PlannedStep[],
  { calls, flows }: Pilot,
): Forecast {
  const known = planned.map((_, place) => calls[place]?.filter(({ record }) => isWork(record)) ?? []);
  const steps = planned.map((step, place) => measuredStep(step, known[place] ?? [], flows, before.flows));
  const { parallel, lanes, budget, files } = before;
  const circumstances = { flows: before.flows, parallel, lanes, budget, files, measured: flows.length };
  const names = stepLabels(planned.map(({ step }) => step.name));
  const unseen = names.filter((_, place) => isUnseen(planned[place], known[place] ?? []));
  const assumptions = [
    `All flows are like the ${flows.length} that were run, but for the lengths of their prompts, which are counted.`,
    ...(known.flat().some(({ record }) => record.simulated) ? [SIMULATED] : []),
    ...unseenSentence(unseen),
  ];
  return forecastOf(circumstances, steps, assumptions);
}

const SIMULATED = 'The pilot was simulated: a model answers at other lengths, and takes other times.';

/** Calls that came to an end of their own, each once. */
function isWork({ shared, replayed, attempts, status }: StepRecord): boolean {
  return !shared && !replayed && attempts > 0 && status !== 'cancelled';
}

/** True if its calls reported no usage. */
function isUnseen(step: PlannedStep | undefined, calls: readonly MeasuredCall[]): boolean {
  return calls.length === 0 || (step?.model !== null && !calls.some(tells));
}

function tells({ record: { usage, costUsd } }: MeasuredCall): boolean {
  return usage !== undefined || costUsd === 0;
}

function unseenSentence(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`Nothing was measured of ${names.join(', ')}: as assumed before.`];
}

/** @param flows of the pilot @param total number of flows */
function measuredStep(
  step: PlannedStep,
  calls: readonly MeasuredCall[],
  flows: readonly number[],
  total: number,
): PlannedStep {
  if (calls.length === 0) return step;
  const number = numberOfCalls(step, calls, flows, total);
  const ms = mean(calls.map(({ record }) => record.ms));
  const told = calls.filter(tells);
  const { model } = step;
  if (!model || told.length === 0) return { ...step, ...number, ms };
  const use = measuredUse(model, told, number.calls.count);
  return { ...step, ...number, ms, model: { ...model, use, inputBound: 'about' } };
}

/** Only flows tell how many branches they have. */
function numberOfCalls(
  { calls, callsFactor }: PlannedStep,
  measured: readonly MeasuredCall[],
  flows: readonly number[],
  total: number,
): Pick<PlannedStep, 'calls' | 'callsFactor'> {
  if (calls.bound !== 'at least') return { calls, callsFactor };
  const each = flows.map((index) => measured.filter(({ flow }) => flow === index).length);
  const { low, expected, high } = meanFrom(each, total);
  return {
    calls: { count: Math.round(expected * total), bound: 'about' },
    callsFactor: { low: Math.max(0, low / expected), expected: 1, high: high / expected },
  };
}

function measuredUse(
  { use: { outputTokens, toolCalls, tier, price } }: PlannedModel,
  calls: readonly MeasuredCall[],
  total: number,
): CallUse {
  const sent = calls.map(({ record: { usage = NO_USAGE }, promptTokens }) => ({
    prompt: promptTokens,
    input: usage.inputTokens,
  }));
  const answered = calls.map(({ record: { usage = NO_USAGE } }) => usage.outputTokens);
  return {
    input: correctedInput(sent, total),
    outputTokens: answersOf(answered, outputTokens, total),
    toolCalls: toolCallsOf(calls, Object.keys(toolCalls), total),
    tier,
    price,
    costFactor: price ? costFactor(calls, price, tier) : UNKNOWN,
  };
}

/** Of the tools that the step may use, and of any other that its calls used. */
function toolCallsOf(
  calls: readonly MeasuredCall[],
  allowed: readonly string[],
  total: number,
): Readonly<Record<string, Bounds>> {
  const used = calls.flatMap(({ record }) => Object.keys(record.toolCalls ?? {}));
  const tools = [...new Set([...allowed, ...used])];
  const countsOf = (tool: string) => calls.map(({ record }) => record.toolCalls?.[tool] ?? 0);
  return Object.fromEntries(
    tools.map((tool) => {
      const { low, expected, high } = meanFrom(countsOf(tool), total);
      return [tool, { low: Math.max(0, low), expected, high }];
    }),
  );
}

/** One call alone tells little: the assumption may hold, too. */
function answersOf(tokens: readonly number[], assumed: Bounds, total: number): Bounds {
  const { low, expected, high } = meanFrom(tokens, total);
  if (tokens.length > 1 || total === 1) return { low: Math.max(0, low), expected, high };
  return {
    low: assumed.low === null ? null : Math.min(assumed.low, low),
    expected,
    high: assumed.high === null ? null : Math.max(assumed.high, high),
  };
}

/**
 * The effect of caches, of writing to them and of another tier: the calls' cost relative to their cost in the step's
 * tier if no input were cached. Others may be cached less, or more. Unknown as soon as it is of one call.
 */
function costFactor(calls: readonly MeasuredCall[], price: Price, tier: string): Bounds {
  let [real, full] = [0, 0];
  for (const { record } of calls) {
    const { usage = NO_USAGE, toolCalls } = record;
    const { costUsd = costOf({ ...usage, toolCalls, tier: record.tier }, price) } = record;
    const uncached = costOf({ ...usage, ...UNCACHED, toolCalls, tier }, price);
    if (costUsd === null || uncached === null) return UNKNOWN;
    real += toPico(costUsd);
    full += toPico(uncached);
  }
  const factor = full > 0 ? real / full : 1;
  return { low: Math.min(1, factor), expected: factor, high: Math.max(1, factor) };
}

const UNCACHED = { cachedInputTokens: 0, cacheWriteInputTokens: 0 };
