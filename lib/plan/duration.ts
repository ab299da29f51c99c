import type { LaneSettings, LanesSettings } from '../lanes/settings.js';
import type { StepForecast } from './step-forecast.js';

/** How long it would take. */
export interface Duration {
  /** Null where nothing is known of any step. */
  readonly ms: number | null;
  /** What keeps it from being faster: `parallel`, `review: parallel`, `openai: rpm`. */
  readonly limit: string | null;
  /** Names of the steps whose time isn't known, and left out. */
  readonly unknown: readonly string[];
}

/** What bounds the calls of all steps of a type, by type. */
export type Lanes = LanesSettings;

const MINUTE = 60_000;

/** How long the calls would take if something was always under way, by the limit that is reached first. */
export function durationOf(steps: readonly StepForecast[], parallel: number, lanes: Lanes): Duration {
  const limits = [
    { limit: 'parallel', ms: Math.max(workOf(steps) / parallel, longestChain(steps)) },
    ...steps.flatMap((step) =>
      step.parallel === null ? [] : [{ limit: `${step.name}: parallel`, ms: workOf([step]) / step.parallel }],
    ),
    ...Object.entries(lanes).flatMap(([type, limits]) =>
      limitsOf(
        type,
        limits,
        steps.filter((step) => step.type === type),
      ),
    ),
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

function limitsOf(
  type: string,
  { concurrency, rpm, tpm }: LaneSettings,
  steps: readonly StepForecast[],
): Limit[] {
  const calls = steps.reduce((sum, { calls }) => sum + calls.count, 0);
  return [
    ...(concurrency ? [{ limit: `${type}: concurrency`, ms: workOf(steps) / concurrency }] : []),
    ...(rpm ? [{ limit: `${type}: rpm`, ms: (calls / rpm) * MINUTE }] : []),
    ...(tpm ? [{ limit: `${type}: tpm`, ms: (tokensOf(steps) / tpm) * MINUTE }] : []),
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
