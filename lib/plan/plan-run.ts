import { isConfig } from '../config/checked.js';
import type { OwnPrices } from '../cost/price.js';
import { pricedNear, priceOf } from '../cost/prices.js';
import type { Issue } from '../errors.js';
import type { Key } from '../inputs/key.js';
import { productSize } from '../inputs/product.js';
import { sizesOf } from '../inputs/sizes.js';
import { unusedLanes } from '../lanes/names.js';
import { findingsOf, refuse } from '../prepare/findings.js';
import { currentProcess } from '../processes/run-process.js';
import { DEFAULT_PARALLEL, type UncheckedOptions } from '../run-options.js';
import { assumptionsOf } from './assumptions.js';
import type { Count } from './bounds.js';
import { ONE } from './bounds.js';
import { callsOf } from './calls.js';
import { laneOf } from './duration.js';
import { type Forecast, forecastOf } from './forecast.js';
import { ANY, ASSUMED_MS, assumedUse } from './per-call.js';
import { type PlanStep, toPlanSteps } from './plan-step.js';
import type { PlannedStep } from './planned-step.js';
import type { Calls, PromptTokens } from './prompt-tokens.js';
import { PromptCounter } from './prompt-tokens.js';

/** A forecast, with its warnings. */
export interface Planned {
  readonly forecast: Forecast;
  readonly warnings: readonly Issue[];
  /** How many entries each key has; flows count through them, the last one fastest. */
  readonly sizes: readonly number[];
  /** The steps that the forecast was made from. */
  readonly steps: readonly PlannedStep[];
  /** The tokens of the prompt that a step, by its position, sends for a flow, by its position; without earlier outputs. */
  promptTokens(step: number, flow: number): Promise<number>;
}

/**
 * Forecasts the work and usage of a run from a file. Reads the lists and the files they name; starts nothing, makes no
 * step, and sends no request. Rejects with a ConfigError where the run would, except for mistakes that show only when
 * steps are made (keys, programs).
 */
export async function planRun(options: UncheckedOptions): Promise<Planned> {
  const {
    parallel = DEFAULT_PARALLEL,
    appendFilepath = false,
    share = false,
    prices = {},
    lanes = {},
  } = options;
  const { loaded, checked, issues, warnings } = await findingsOf(options, currentProcess().cwd);
  await refuse(issues, options);
  const { keys } = loaded;
  const steps = toPlanSteps(checked.steps.filter(isConfig));
  const flows = productSize(keys) ?? 0;
  const sizes = sizesOf(keys);
  const files = { count: sizes.size, bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0) };
  const counter = new PromptCounter(keys, sizes, appendFilepath);
  const planned = await planSteps(steps, { keys, flows, share, counter, prices });
  const { maxCost, maxTokens } = options;
  const budget = { maxCost, maxTokens };
  const circumstances = { flows, parallel, lanes, budget, files, measured: null };
  const forecast = forecastOf(circumstances, planned, assumptionsOf(planned));
  return {
    forecast,
    warnings: [
      ...warnings,
      ...unreadable(counter.unreadable),
      ...unusedLanes(lanes, forecast.steps.map(laneOf)),
    ],
    sizes: keys.map(({ count }) => count ?? 0),
    steps: planned,
    promptTokens: (place, flow) => {
      const step = steps[place];
      return step ? counter.tokensOf(step, flow) : Promise.resolve(0);
    },
  };
}

interface Known {
  readonly keys: readonly Key[];
  readonly flows: number;
  readonly share: boolean;
  readonly counter: PromptCounter;
  readonly prices: OwnPrices;
}

async function planSteps(
  steps: readonly PlanStep[],
  { keys, flows, share, counter, prices }: Known,
): Promise<PlannedStep[]> {
  const server = currentProcess().env.OPENAI_BASE_URL?.trim() || null;
  const planned: PlannedStep[] = [];
  for (const { step, calls, sharedCalls, shares } of callsOf(steps, keys, flows, share)) {
    const { type, call } = step;
    const price = call && (await priceOf(call, prices, server, new Date()));
    const prompts = await counter.count(step);
    const before = step.before.map((earlier) => planned[earlier]?.model?.use.outputTokens ?? ANY);
    const use = assumedUse(step, before, price);
    const near = call && !price ? await pricedNear(call, server) : [];
    const per: Calls = shares ? 'perPrompt' : 'perFlow';
    const inputBound = boundOf(step, calls, prompts?.summary ?? null);
    const model = use && prompts && { near, prompts, per, use, inputBound };
    const ms = ASSUMED_MS[type] ?? null;
    planned.push({ step, calls, sharedCalls, callsFactor: ONE, model, ms });
  }
  return planned;
}

/** How the prompts' tokens bound all input tokens. */
function boundOf({ type, before }: PlanStep, calls: Count, prompt: PromptTokens | null): Count['bound'] {
  if (type === 'codex' || before.length > 0 || calls.bound === 'at least') return 'at least';
  return prompt?.how === 'exact' ? calls.bound : 'about';
}

function unreadable(files: ReadonlySet<string>): Issue[] {
  const [first, ...others] = files;
  if (first === undefined) return [];
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  return [
    {
      where: first,
      message: `cannot be put in as UTF-8 text of at most 64 MiB${more}; flows with it would fail`,
    },
  ];
}
