import { fullName, nameAmong, settingsFor } from '../lanes/names.js';
import type { LaneSettings, LanesSettings } from '../lanes/settings.js';
import type { LaneId } from '../step/lane.js';
import type { StepForecast } from './step-forecast.js';

/** How long it would take. */
export interface Duration {
  /** Null where nothing is known of any step. */
  readonly ms: number | null;
  /** The limiting factor: `parallel`, `review: parallel`, `openai: rpm`. */
  readonly limit: string | null;
  /** Names of the steps of unknown time, which is left out. */
  readonly unknown: readonly string[];
}

const MINUTE = 60_000;

/** How long the calls would take if something was always under way, by the limit that is reached first. */
export function durationOf(steps: readonly StepForecast[], parallel: number, lanes: LanesSettings): Duration {
  const limits = [
    { limit: 'parallel', ms: Math.max(workOf(steps) / parallel, longestChain(steps)) },
    ...steps.flatMap((step) =>
      step.parallel === null ? [] : [{ limit: `${step.name}: parallel`, ms: workOf([step]) / step.parallel }],
    ),
    ...stepLanes(steps, lanes).flatMap(limitsOf),
  ];
  const slowest = limits.reduce((a, b) => (b.ms > a.ms ? b : a));
  const unknown = steps.filter(({ ms }) => ms === null).map(({ name }) => name);
  const isKnown = slowest.ms > 0 || unknown.length < steps.length;
  return { ms: isKnown ? slowest.ms : null, limit: isKnown ? slowest.limit : null, unknown };
}

interface Limit {
  readonly limit: string;
  readonly ms: number;
}

function limitsOf({ name, settings: { concurrency, rpm, tpm }, steps }: StepLane): Limit[] {
  const calls = steps.reduce((sum, { calls }) => sum + calls.count, 0);
  return [
    ...(concurrency ? [{ limit: `${name}: concurrency`, ms: workOf(steps) / concurrency }] : []),
    ...(rpm ? [{ limit: `${name}: rpm`, ms: (calls / rpm) * MINUTE }] : []),
    ...(tpm ? [{ limit: `${name}: tpm`, ms: (tokensOf(steps) / tpm) * MINUTE }] : []),
  ];
}

function workOf(steps: readonly StepForecast[]): number {
  return steps.reduce((sum, { calls, ms }) => sum + calls.count * (ms ?? 0), 0);
}

/** One flow goes through the steps one after the other. */
function longestChain(steps: readonly StepForecast[]): number {
  return steps.reduce((sum, { calls, ms }) => sum + (calls.count > 0 ? (ms ?? 0) : 0), 0);
}

function tokensOf(steps: readonly StepForecast[]): number {
  return steps.reduce((sum, { model }) => {
    return sum + (model?.inputTokens.expected ?? 0) + (model?.outputTokens.expected ?? 0);
  }, 0);
}

/** Steps whose calls share limits. */
interface StepLane {
  /** As the user knows it: `openai`, or `openai/gpt-5.5` where there are several. */
  readonly name: string;
  readonly settings: LaneSettings;
  readonly steps: readonly StepForecast[];
}

/** The lanes that a run would have, as far as they show beforehand: a model is taken to be on one server. */
function stepLanes(steps: readonly StepForecast[], settings: LanesSettings): StepLane[] {
  const lanes = [...new Map(steps.map(laneOf).map((lane) => [fullName(lane), lane])).values()];
  return lanes.map((lane) => ({
    name: nameAmong(lanes, lane),
    settings: settingsFor(settings, lane),
    steps: steps.filter((step) => fullName(laneOf(step)) === fullName(lane)),
  }));
}

/** Models of one provider have limits of their own. */
export function laneOf({ type, model }: StepForecast): LaneId {
  return type === 'openai' && model?.name ? { type, model: model.name } : { type };
}
