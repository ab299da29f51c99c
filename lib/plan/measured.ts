import type { StepRecord } from '../flow.js';
import { costOf, type Price } from '../money/price.js';
import { NO_USAGE } from '../record.js';
import { type Bounds, UNKNOWN } from './bounds.js';
import type { Count } from './count.js';
import { type Forecast, forecastOf } from './forecast.js';
import { type StepForecast, usedBy } from './step-forecast.js';

/**
 * The forecast anew, from what some flows of the run really used. Bounds are then those of the means (two standard
 * errors); steps that none of the flows reached stay as they were.
 *
 * @param records of each step, in order: all of its calls, each once
 * @param flows how many flows were run; they should be spread over all (`spread`)
 */
export function remeasured(
  forecast: Forecast,
  records: readonly (readonly StepRecord[])[],
  flows: number,
): Forecast {
  const steps = forecast.steps.map((step, place) => {
    const calls = records[place]?.filter(isWork) ?? [];
    return calls.length === 0 ? step : measuredStep(step, calls, forecast.flows / flows);
  });
  const { parallel, lanes, budget, files } = forecast;
  const circumstances = { flows: forecast.flows, parallel, lanes, budget, files, measured: flows };
  const unseen = steps.filter((step, place) => isUnseen(step, forecast.steps[place])).map(({ name }) => name);
  const assumptions = [`All flows are like the ${flows} that were run.`, ...unseenSentence(unseen)];
  return forecastOf(circumstances, steps, assumptions);
}

/** Calls that came to an end of their own, each once. */
function isWork({ shared, replayed, attempts, status }: StepRecord): boolean {
  return !shared && !replayed && attempts > 0 && status !== 'cancelled';
}

/** Its calls may have told nothing of what they used. */
function isUnseen(step: StepForecast, before: StepForecast | undefined): boolean {
  return step === before || (step.model !== null && step.model === before?.model);
}

function unseenSentence(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`Nothing was measured of ${names.join(', ')}: as assumed before.`];
}

/** @param share how many flows there are for each that was run */
function measuredStep(step: StepForecast, records: readonly StepRecord[], share: number): StepForecast {
  const calls = callsFrom(step.calls, records.length * share);
  const ms = mean(records.map((record) => record.ms));
  const told = records.filter(({ usage, costUsd }) => usage !== undefined || costUsd === 0);
  if (!step.model || told.length === 0) return { ...step, calls, ms };
  const usages = told.map(({ usage = NO_USAGE }) => usage);
  const { price } = step.model;
  const used = usedBy(calls, {
    inputTokens: boundsOf(usages.map(({ inputTokens }) => inputTokens)),
    outputTokens: boundsOf(usages.map(({ outputTokens }) => outputTokens)),
    costUsd: knownBounds(told.map((record) => costIn(record, price))),
    ms,
  });
  const input: Count = { count: used.inputTokens.expected ?? 0, bound: 'about' };
  return { ...step, calls, ms, model: { ...step.model, input, ...used } };
}

/** The record knows best: it adds up its attempts. */
function costIn(
  { usage = NO_USAGE, toolCalls, tier, costUsd }: StepRecord,
  price: Price | null,
): number | null {
  if (costUsd !== undefined) return costUsd;
  return price && costOf({ ...usage, toolCalls, tier }, price);
}

/** Only flows tell how many branches they have. */
function callsFrom(calls: Count, measured: number): Count {
  return calls.bound === 'at least' ? { count: Math.round(measured), bound: 'about' } : calls;
}

function knownBounds(values: readonly (number | null)[]): Bounds {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? UNKNOWN : boundsOf(known);
}

/** Where the mean of all of them is likely to be; one alone tells nothing of the others. */
function boundsOf(values: readonly number[]): Bounds {
  const expected = mean(values);
  if (values.length < 2) return { low: null, expected, high: null };
  const squares = values.reduce((sum, value) => sum + (value - expected) ** 2, 0);
  const error = 2 * Math.sqrt(squares / (values.length - 1) / values.length);
  return { low: Math.max(0, expected - error), expected, high: expected + error };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
