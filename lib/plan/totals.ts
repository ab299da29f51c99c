import { type Bounds, MICRO, NONE, plus, rounded } from './bounds.js';
import type { Count } from './count.js';
import type { StepForecast, Usages } from './step-forecast.js';

/** All the steps. */
export interface Totals extends Usages {
  readonly calls: Count;
  /** Dollars of the steps whose price is known. */
  readonly knownUsd: Bounds;
  /** Names of the steps whose price isn't known. */
  readonly unpriced: readonly string[];
}

/** All the steps together; what is unknown of one is unknown of all. */
export function totalsOf(steps: readonly StepForecast[]): Totals {
  const asking = steps.filter((step) => step.model !== null);
  const unpriced = asking.filter(({ model }) => model?.price === null);
  const priced = asking.filter(({ model }) => model?.price !== null);
  return {
    calls: callsOf(steps.map(({ calls }) => calls)),
    inputTokens: sumOf(asking, ({ inputTokens }) => inputTokens),
    outputTokens: sumOf(asking, ({ outputTokens }) => outputTokens),
    costUsd: rounded(
      sumOf(asking, ({ costUsd }) => costUsd),
      MICRO,
    ),
    knownUsd: rounded(
      sumOf(priced, ({ costUsd }) => costUsd),
      MICRO,
    ),
    unpriced: unpriced.map(({ name }) => name),
  };
}

function callsOf(calls: readonly Count[]): Count {
  const bounds = new Set(calls.map(({ bound }) => bound));
  bounds.delete('exact');
  const [bound = 'exact'] = bounds;
  return {
    count: calls.reduce((sum, { count }) => sum + count, 0),
    bound: bounds.size > 1 ? 'about' : bound,
  };
}

function sumOf(steps: readonly StepForecast[], of: (usages: Usages) => Bounds): Bounds {
  return steps.reduce<Bounds>((sum, { model }) => (model ? plus(sum, of(model)) : sum), NONE);
}
