import { isConfig } from '../config/checked.js';
import type { Issue } from '../errors.js';
import type { Key } from '../inputs/key.js';
import { productSize } from '../inputs/product.js';
import { unusedLanes } from '../lanes/names.js';
import type { OwnPrices } from '../money/own-price.js';
import { pricedNear, priceOf } from '../money/prices.js';
import { tierNamed } from '../money/tiers.js';
import { findingsOf } from '../prepare/findings.js';
import { refuse } from '../prepare/refuse.js';
import { surroundings } from '../processes.js';
import { DEFAULT_PARALLEL, type UncheckedOptions } from '../run-options.js';
import { assumptionsOf } from './assumptions.js';
import { callsOf } from './calls.js';
import type { Count } from './count.js';
import { sizesOf } from './files.js';
import { type Forecast, forecastOf } from './forecast.js';
import { assumed, type PerCall } from './per-call.js';
import { type PlanStep, planSteps } from './plan-step.js';
import { PromptCounter } from './prompt-counter.js';
import type { PromptTokens } from './prompt-tokens.js';
import { type StepForecast, usedBy } from './step-forecast.js';
import { laneOf } from './step-lanes.js';

/** A forecast, and what the user should know beside it. */
export interface Planned {
  readonly forecast: Forecast;
  readonly warnings: readonly Issue[];
  /** How many entries each key has; flows count through them, the last one fastest. */
  readonly sizes: readonly number[];
}

/**
 * What a run from a file would do and use up. Reads the lists and what they name; starts nothing, makes nothing, and
 * asks nobody. Rejects with a ConfigError where the run would, save for what only making its steps shows (keys,
 * programs).
 */
export async function planRun(options: UncheckedOptions): Promise<Planned> {
  const {
    parallel = DEFAULT_PARALLEL,
    appendFilepath = false,
    share = false,
    prices = {},
    lanes = {},
  } = options;
  const { loaded, checked, issues, warnings } = await findingsOf(options, surroundings().cwd);
  await refuse(issues, options);
  const { keys } = loaded;
  const steps = planSteps(checked.steps.filter(isConfig));
  const flows = productSize(keys) ?? 0;
  const sizes = sizesOf(keys);
  const files = { count: sizes.size, bytes: [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0) };
  const counter = new PromptCounter(keys, sizes, appendFilepath);
  const forecasts = await forecastSteps(steps, { keys, flows, share, counter, prices });
  const { maxCost, maxTokens } = options;
  const budget = { maxCost, maxTokens };
  const circumstances = { flows, parallel, lanes, budget, files, measured: null };
  return {
    forecast: forecastOf(circumstances, forecasts, assumptionsOf(steps, forecasts)),
    warnings: [...warnings, ...unreadable(counter.unreadable), ...unusedLanes(lanes, forecasts.map(laneOf))],
    sizes: keys.map(({ count }) => count ?? 0),
  };
}

interface Known {
  readonly keys: readonly Key[];
  readonly flows: number;
  readonly share: boolean;
  readonly counter: PromptCounter;
  readonly prices: OwnPrices;
}

async function forecastSteps(
  steps: readonly PlanStep[],
  { keys, flows, share, counter, prices }: Known,
): Promise<StepForecast[]> {
  const server = surroundings().env.OPENAI_BASE_URL?.trim() || null;
  const each: PerCall[] = [];
  const forecasts: StepForecast[] = [];
  for (const { step, calls, sharedCalls, shares } of callsOf(steps, keys, flows, share)) {
    const { name, type, call, parallel = null } = step;
    const price = call && (await priceOf(call, prices, server, new Date()));
    const prompt = await counter.count(step);
    const tokens = (shares ? prompt?.perPrompt : prompt?.perFlow) ?? 0;
    const before = step.before.flatMap((earlier) => each[earlier]?.outputTokens ?? []);
    const perCall = assumed(step, tokens, before, price);
    const input = { count: Math.round(tokens * calls.count), bound: boundOf(step, calls, prompt) };
    const near = call && !price ? await pricedNear(call, server) : [];
    const model = call &&
      prompt && {
        name: call.model,
        tier: tierNamed(call.serviceTier ?? 'default'),
        tools: call.tools,
        price,
        near,
        prompt,
        input,
        ...usedBy(calls, perCall),
      };
    each.push(perCall);
    forecasts.push({ name, type, calls, sharedCalls, model, ms: perCall.ms, parallel });
  }
  return forecasts;
}

/** What the prompts tell of all input tokens. */
function boundOf({ type, before }: PlanStep, calls: Count, prompt: PromptTokens | null): Count['bound'] {
  if (type === 'codex' || before.length > 0 || calls.bound === 'at least') return 'at least';
  return prompt?.how === 'exact' ? calls.bound : 'about';
}

function unreadable(files: ReadonlySet<string>): Issue[] {
  const [first, ...others] = files;
  if (first === undefined) return [];
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  return [{ where: first, message: `cannot be read as UTF-8${more}; flows with it would fail` }];
}
