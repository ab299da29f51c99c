import type { Price } from '../cost/price.js';
import { type Bounds, type Count, MICRO, multiply, NONE, plus, rounded, times } from './bounds.js';
import { meanUse, type PerCall } from './per-call.js';
import type { PlannedModel, PlannedStep } from './planned-step.js';
import { meanOver, type PromptTokens } from './prompt-tokens.js';

/** The forecast of one step. */
export interface StepForecast {
  readonly name: string;
  readonly type: string;
  readonly calls: Count;
  /** How many calls `--share` leaves, at most; null where they can't be shared. */
  readonly sharedCalls: number | null;
  /** Null where it asks no model. */
  readonly model: ModelForecast | null;
  /** Milliseconds a call; null where it is unknown. */
  readonly ms: number | null;
  /** At most so many calls of it at once; null where only the run's `parallel` holds. */
  readonly parallel: number | null;
}

/** The forecast of a step's calls to a model. */
export interface ModelForecast extends Usages {
  /** Null where the program that is asked has a model of its own. */
  readonly name: string | null;
  /** The tier of service that is asked for. */
  readonly tier: string;
  /** Tools with fees that its calls may use. */
  readonly tools: readonly string[];
  /** In the standard tier. Null where the price is unknown; unknown is not 0. */
  readonly price: Price | null;
  /** Where the price is unknown: listed models whose names are near. */
  readonly near: readonly string[];
  /** The prompts, without outputs of earlier steps. */
  readonly prompt: PromptTokens;
  /** Tokens of all calls as far as they are known: `at least` where outputs of earlier steps are still to come. */
  readonly input: Count;
}

/** Usage of all calls of a step: tokens, and dollars. */
interface Usages {
  readonly inputTokens: Bounds;
  readonly outputTokens: Bounds;
  readonly costUsd: Bounds;
}

export function stepForecast(planned: PlannedStep): StepForecast {
  const { step, calls, sharedCalls, model, ms } = planned;
  const { name, type, parallel = null } = step;
  return { name, type, calls, sharedCalls, model: model && modelForecast(planned, model), ms, parallel };
}

function modelForecast({ step, calls, callsFactor }: PlannedStep, model: PlannedModel): ModelForecast {
  const { near, prompts, per, use, inputBound } = model;
  const used = usedBy(calls, callsFactor, meanUse(use, prompts.lengths, per));
  const own = meanOver(prompts.lengths, per, ({ tokens }) => tokens) * calls.count;
  const input = inputBound === 'about' ? (used.inputTokens.expected ?? own) : own;
  return {
    name: step.call?.model ?? null,
    tier: use.tier,
    tools: step.call?.tools ?? [],
    price: use.price,
    near,
    prompt: prompts.summary,
    input: { count: Math.round(input), bound: inputBound },
    ...used,
  };
}

/** Usage has an upper bound only where the calls have one. */
function usedBy({ count, bound }: Count, factor: Bounds, perCall: PerCall): Usages {
  const all = (each: Bounds, parts: number) =>
    rounded(multiply(times(bound === 'at least' ? { ...each, high: null } : each, count), factor), parts);
  return {
    inputTokens: all(perCall.inputTokens, 1),
    outputTokens: all(perCall.outputTokens, 1),
    costUsd: all(perCall.costUsd, MICRO),
  };
}

/** All the steps. */
export interface Totals extends Usages {
  readonly calls: Count;
  /** Dollars of the steps with a known price. */
  readonly knownUsd: Bounds;
  /** Names of the steps with an unknown price. */
  readonly unpriced: readonly string[];
}

/** All the steps together; a value unknown for one is unknown for all. */
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
