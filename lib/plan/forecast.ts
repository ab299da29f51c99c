import type { BudgetLimits } from '../cost/budget.js';
import type { LanesSettings } from '../lanes/settings.js';
import { labelled } from '../step/labels.js';
import { type DearPrompt, dearestPrompts } from './dearest.js';
import { type Duration, durationOf } from './duration.js';
import type { PlannedStep } from './planned-step.js';
import { type StepForecast, stepForecast, type Totals, totalsOf } from './step-forecast.js';

/** The work of a run and its usage: the fields of `orchestrator plan --json`. */
export interface Forecast extends Circumstances {
  readonly steps: readonly StepForecast[];
  readonly total: Totals;
  readonly dearest: readonly DearPrompt[];
  readonly time: Duration;
  /** Sentences. */
  readonly assumptions: readonly string[];
}

/** The conditions of a forecast. */
export interface Circumstances {
  readonly flows: number;
  /** At most so many at once. */
  readonly parallel: number;
  readonly lanes: LanesSettings;
  /** The run's budget. */
  readonly budget: BudgetLimits;
  /** The files that the keys list, each once; all of them are read. */
  readonly files: { readonly count: number; readonly bytes: number };
  /** How many flows were run to measure the steps' usage; null where all is assumed. */
  readonly measured: number | null;
}

export function forecastOf(
  circumstances: Circumstances,
  planned: readonly PlannedStep[],
  assumptions: readonly string[],
): Forecast {
  const { parallel, lanes } = circumstances;
  const steps = planned.map(stepForecast);
  const told = labelled(steps);
  const total = totalsOf(told);
  const names = told.map(({ name }) => name);
  return {
    ...circumstances,
    steps,
    total,
    dearest: dearestPrompts(planned, names, total),
    time: durationOf(told, parallel, lanes),
    assumptions,
  };
}
