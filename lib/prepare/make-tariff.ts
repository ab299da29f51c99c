import type { ConfigStep } from '../config/checked.js';
import { ConfigError } from '../errors.js';
import type { Sizes } from '../inputs/sizes.js';
import { Estimate, startOf } from '../money/estimate.js';
import { LazyTariff } from '../money/lazy-tariff.js';
import { priceOf } from '../money/prices.js';
import { promptSizeOf } from '../money/prompt-size.js';
import type { UncheckedOptions } from '../run-options.js';

/** What a tariff depends on beside the step. */
export interface Market {
  readonly options: Pick<UncheckedOptions, 'prices' | 'maxCost'>;
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
  });
  if (options.maxCost !== undefined && !(await tariff.ready())) throw unpriced(step, call.model);
  return tariff;
}

function unpriced({ where, name, type }: ConfigStep, model: string | null): ConfigError {
  const message =
    model === null
      ? `step "${name}": a limit of costs needs a price, and ${type} chooses the model itself; name it in \`model\``
      : `step "${name}": a limit of costs needs a price, and that of ${model} isn't known here; give it in the ` +
        `config, in dollars for a million tokens: "prices": {"${model}": {"input": 1.25, "output": 10}}`;
  return new ConfigError([{ where: `${where}.model`, message }]);
}
