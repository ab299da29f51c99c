import type { ConfigStep } from '../config/checked.js';
import { Estimate, startOf } from '../cost/estimate.js';
import { type Price, tierFactor } from '../cost/price.js';
import { pricedNear, priceOf } from '../cost/prices.js';
import { LazyPricing } from '../cost/pricing.js';
import { ConfigError } from '../errors.js';
import { tierNamed } from '../flow/usage.js';
import type { Sizes } from '../inputs/sizes.js';
import type { UncheckedOptions } from '../run-options.js';
import type { ModelCall } from '../steps/contract.js';
import { promptSizeOf } from './prompt-size.js';

/** The inputs of a pricing beside the step. */
export interface Pricers {
  readonly options: Pick<UncheckedOptions, 'prices' | 'maxCost' | 'simulate'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sizes: Sizes;
}

/**
 * The pricing of a step; undefined where it asks no model. Throws a ConfigError where `maxCost` is set and the step's
 * price is unknown.
 *
 * @param index the step's position
 */
export async function pricingFor(
  step: ConfigStep,
  index: number,
  { options, env, sizes }: Pricers,
): Promise<LazyPricing | undefined> {
  const { modelCall: call, type, previous } = step;
  if (!call) return undefined;
  const server = env.OPENAI_BASE_URL?.trim() || null;
  const pricing = new LazyPricing({
    price: () => priceOf(call, options.prices ?? {}, server, new Date()),
    estimate: new Estimate(startOf(call, type)),
    promptSize: promptSizeOf(step, index > 0 && previous, sizes),
    tier: tierNamed(call.serviceTier ?? 'default'),
    isSimulated: Boolean(options.simulate),
  });
  if (options.maxCost !== undefined) {
    const price = await pricing.ready();
    if (!price) throw await unpriced(step, call, server);
    refuseUnknownFees(step, call, price);
  }
  return pricing;
}

async function unpriced(
  { where, name, type }: ConfigStep,
  call: ModelCall,
  server: string | null,
): Promise<ConfigError> {
  const message = `step "${name}": --max-cost needs a known price, and ${await gap(type, call, server)}`;
  return new ConfigError([{ where: `${where}.model`, message }]);
}

/** The unknown part of the price, and the remedy. */
async function gap(type: string, call: ModelCall, server: string | null): Promise<string> {
  const { model, baseUrl, serviceTier } = call;
  if (model === null) return `the model that ${type} would use is unknown; set \`model\``;
  if (serviceTier !== null && tierFactor(tierNamed(serviceTier)) === null)
    return `that of the service tier "${serviceTier}" is unknown; ask for another one`;
  const place = baseUrl === null ? '' : ` on ${baseUrl}`;
  return `that of ${model}${place} is unknown; ${wayOut(model, await pricedNear(call, server))}`;
}

/** Nothing bounds how often a tool is called, so that no part of its fees may be unknown. */
function refuseUnknownFees({ where, name }: ConfigStep, { model, tools }: ModelCall, { fees }: Price): void {
  const unknown = tools.filter((tool) => !Object.hasOwn(fees, tool));
  if (unknown.length === 0) return;
  const prices = { [model ?? '']: { input: 1.25, output: 10, tools: { [unknown[0] ?? '']: 0.01 } } };
  const message =
    `step "${name}": --max-cost needs known fees, and the provider's fee for a call of ${unknown.join(', ')} is unknown; ` +
    `add it to the config, in dollars a call: "prices": ${JSON.stringify(prices)}`;
  throw new ConfigError([{ where: `${where}.request`, message }]);
}

function wayOut(model: string, near: readonly string[]): string {
  const listed = near.length > 0 ? `; listed names that are near: ${near.join(', ')}` : '';
  return `add it to the config, in dollars for a million tokens: "prices": {"${model}": {"input": 1.25, "output": 10}}${listed}`;
}
