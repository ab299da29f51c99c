import { type Band, type Price, tierFactor } from '../../cost/price.js';
import type { Bounds } from '../../plan/bounds.js';
import type { Forecast } from '../../plan/forecast.js';
import type { ModelForecast, StepForecast } from '../../plan/step-forecast.js';
import { formatSmallUsd } from '../../util/dollars.js';

/** Null is no 0. */
export function usdText(usd: number | null): string {
  return usd === null ? 'unknown' : formatSmallUsd(usd);
}

/** `cost: $5.10 expected, from $1.20 to $18.00` */
export function costLine({ steps, total }: Forecast): string {
  const { costUsd, knownUsd, unpriced } = total;
  if (unpriced.length === 0) return `cost: ${rangeText(costUsd)}`;
  const others = steps.some(({ model }) => model?.price) ? `; all else: ${rangeText(knownUsd)}` : '';
  return `cost: unknown, as that of ${unpriced.join(', ')}${others}`;
}

function rangeText({ low, expected, high }: Bounds): string {
  return `${usdText(expected)} expected, low ${usdText(low)}, high ${usdText(high)}`;
}

/** Where the prices come from, a line for each model. */
export function priceLines(steps: readonly StepForecast[]): string[] {
  return [...new Set(steps.flatMap(({ name, model }) => (model ? priceLine(name, model) : [])))];
}

function priceLine(step: string, { name, price, near, tier, tools }: ModelForecast): string {
  if (price)
    return `price of ${name}: ${priceText(price)}${tierText(tier)}${feesText(tools, price)} (${price.source})`;
  if (name === null) return `price of ${step}: unknown, its model is its own choice; name one with \`model\``;
  if (tierFactor(tier) === null) return `price of ${name}: unknown in the tier ${tier}`;
  const listed = near.length > 0 ? `; listed names that are near: ${near.join(', ')}` : '';
  return `price of ${name}: unknown; add "prices": {"${name}": {"input": …, "output": …}} to the config, in dollars per million tokens${listed}`;
}

function priceText({ bands }: Price): string {
  return bands
    .map((band) =>
      band.above < 0 ? ratesText(band) : `from ${band.above + 1} input tokens on ${ratesText(band)}`,
    )
    .join('; ');
}

function ratesText({ input, cachedInput, cacheWrite, output }: Band): string {
  const written = cacheWrite === null || cacheWrite === input ? '' : `, $${cacheWrite} written to the cache`;
  return `$${input} input, $${cachedInput} cached${written}, $${output} output per million tokens`;
}

function tierText(tier: string): string {
  return tier === 'standard' ? '' : `, in the tier ${tier} × ${tierFactor(tier)}`;
}

function feesText(tools: readonly string[], { fees }: Price): string {
  const texts = tools.map(
    (tool) => `, ${tool} ${Object.hasOwn(fees, tool) ? `$${fees[tool]}` : 'unknown'} a call`,
  );
  return texts.join('');
}
