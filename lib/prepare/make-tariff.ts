import type { ConfigStep } from '../config/checked.js';
import { ConfigError } from '../errors.js';
import type { Sizes } from '../inputs/sizes.js';
import { Estimate, startOf } from '../money/estimate.js';
import { LazyTariff } from '../money/lazy-tariff.js';
import { pricedNear, priceOf } from '../money/prices.js';
import { promptSizeOf } from '../money/prompt-size.js';
import type { UncheckedOptions } from '../run-options.js';
import type { ModelCall } from '../steps/contract.js';

/** What a tariff depends on beside the step. */
export interface Market {
  readonly options: Pick<UncheckedOptions, 'prices' | 'maxCost' | 'simulate'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly sizes: Sizes;
}

/**
 * What the calls of a step use and cost; undefined where it asks no model. Throws a ConfigError where there is a limit of
 * costs, and nobody knows the step's price.
 *
 * @param index the step's position
 */
export async function tariffFor(
  step: ConfigStep,
  index: number,
  { options, env, sizes }: Market,
): Promise<LazyTariff | undefined> {
  const { modelCall: call, type, previous } = step;
  if (!call) return undefined;
  const server = env.OPENAI_BASE_URL?.trim() || null;
  const tariff = new LazyTariff({
    price: () => priceOf(call, options.prices ?? {}, server, new Date()),
    estimate: new Estimate(startOf(call, type)),
    promptSize: promptSizeOf(step, index > 0 && previous, sizes),
    isSimulated: Boolean(options.simulate),
  });
  if (options.maxCost !== undefined && !(await tariff.ready())) throw await unpriced(step, call, server);
  return tariff;
}

async function unpriced(
  { where, name, type }: ConfigStep,
  call: ModelCall,
  server: string | null,
): Promise<ConfigError> {
  const message =
    call.model === null
      ? `--max-cost needs a known price, and ${type} chooses the model itself; name it in \`model\``
      : `--max-cost needs a known price, and that of ${call.model}${circumstances(call)} is unknown; ` +
        `${wayOut(call.model, await pricedNear(call, server))}`;
  return new ConfigError([{ where: `${where}.model`, message: `step "${name}": ${message}` }]);
}

/** What else than the model's name decides the price. */
function circumstances({ baseUrl, serviceTier }: ModelCall): string {
  const place = baseUrl === null ? '' : ` on ${baseUrl}`;
  return serviceTier === null ? place : `${place} in the service tier "${serviceTier}"`;
}

function wayOut(model: string, near: readonly string[]): string {
  const listed = near.length > 0 ? `; listed names that are near: ${near.join(', ')}` : '';
  return `add it to the config, in dollars for a million tokens: "prices": {"${model}": {"input": 1.25, "output": 10}}${listed}`;
}
