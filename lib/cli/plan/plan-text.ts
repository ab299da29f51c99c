import { type Band, type Price, tierFactor } from '../../cost/price.js';
import { type Bounds, type Count, plus } from '../../plan/bounds.js';
import type { Forecast } from '../../plan/forecast.js';
import type { ModelForecast, StepForecast } from '../../plan/step-forecast.js';
import { formatDuration } from '../../progress/durations.js';
import { labelled } from '../../step/labels.js';
import { formatSmallUsd, formatUsd } from '../../util/dollars.js';
import { oneLine } from '../../util/text.js';
import { type Row, sizeText, table } from '../table.js';

const HEADINGS = ['STEP', 'TYPE', 'MODEL', 'CALLS', 'SHARED', 'INPUT TOKENS', 'LOW', 'EXPECTED', 'HIGH'];

/** A forecast for people, a line each. */
export function planLines(forecast: Forecast): string[] {
  const { assumptions } = forecast;
  const steps = labelled(forecast.steps);
  return [
    flowsLine(forecast),
    '',
    ...table(HEADINGS, steps.map(rowOf)),
    '',
    costLine(forecast),
    ...budgetLines(forecast),
    timeLine(forecast),
    '',
    ...dearestLines(forecast),
    ...steps.flatMap(sampleLine),
    ...priceLines(steps),
    ...assumptions.map((sentence) => `assumed: ${sentence}`),
  ].map(oneLine);
}

function flowsLine({ flows, parallel, files, measured }: Forecast): string {
  const from = `of ${files.count} files with ${sizeText(files.bytes)}`;
  const how = measured === null ? '' : `; measured by ${measured} of them`;
  return `${flows} flows, at most ${parallel} at once, ${from}${how}`;
}

function rowOf({ name, type, model, calls, sharedCalls }: StepForecast): Row {
  const start = [name, type, model && (model.name ?? 'its own'), countText(calls), sharedCalls];
  if (!model) return [...start, null, null, null, null];
  const { low, expected, high } = model.costUsd;
  return [...start, countText(model.input), usdText(low), usdText(expected), usdText(high)];
}

/** The prompts that cost most, and their share of the whole. */
function dearestLines({ dearest, total }: Forecast): string[] {
  if (dearest.length === 0) return [];
  const share = total.costUsd.expected === null ? 'SHARE OF TOKENS' : 'SHARE OF COST';
  const rows = dearest.map(({ step, inputs, calls, inputTokens, costUsd, share: part }) => [
    step,
    calls,
    inputTokens,
    usdText(costUsd),
    percent(part),
    oneLine(pathsText(inputs)),
  ]);
  return [...table(['DEAREST', 'CALLS', 'INPUT TOKENS', 'COST', share, 'PROMPT WITH'], rows), ''];
}

/** `83%`; less than a tenth with one more digit. */
function percent(part: number): string {
  if (part < 0.001) return '<0.1%';
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)}%`;
}

function pathsText(inputs: Readonly<Record<string, string>>): string {
  return Object.entries(inputs)
    .map(([key, path]) => `${key} ${path}`)
    .join(', ');
}

const SIGNS = { 'at least': '>= ', 'at most': '<= ', about: '~' } as const;

/** A number where it is exact: the table aligns its column then. */
function countText({ count, bound }: Count): string | number {
  return bound === 'exact' ? count : `${SIGNS[bound]}${count}`;
}

function sampleLine({ name, model }: StepForecast): string[] {
  if (!model || model.prompt.how === 'exact') return [];
  const { how, counted } = model.prompt;
  if (how === 'estimate')
    return [`input tokens of ${name}: estimated, some texts are too long to be counted`];
  return [`input tokens of ${name}: from a sample of ${counted} prompts, spread over all`];
}

/** `time: about 14m, limited by parallel` */
function timeLine({ time }: Forecast): string {
  const { ms, limit, unknown } = time;
  if (ms === null) return 'time: unknown';
  const without = unknown.length > 0 ? `; without ${unknown.join(', ')}, whose time is unknown` : '';
  return `time: about ${formatDuration(ms)}, limited by ${limit}${without}`;
}

/** How far the run's limits reach, a line each: `--max-cost $5.00: reached after about 120 of 340 flows`. */
export function budgetLines({ flows, total, budget: { maxCost, maxTokens } }: Forecast): string[] {
  const { costUsd, unpriced, inputTokens, outputTokens } = total;
  const lines: string[] = [];
  if (maxCost !== undefined) {
    const reach = unpriced.length > 0 ? refusal(unpriced) : reachOf(maxCost, costUsd, flows);
    lines.push(`--max-cost ${formatUsd(maxCost)}: ${reach}`);
  }
  if (maxTokens !== undefined)
    lines.push(`--max-tokens ${maxTokens}: ${reachOf(maxTokens, plus(inputTokens, outputTokens), flows)}`);
  return lines;
}

function refusal(unpriced: readonly string[]): string {
  return `the run would be refused, since the price of ${unpriced.join(', ')} is unknown`;
}

function reachOf(limit: number, { low, expected, high }: Bounds, flows: number): string {
  const isBelowLow = low !== null && limit < low;
  if (expected === null) return isBelowLow ? 'below the low estimate' : 'it is unknown how far that reaches';
  if (expected > limit) {
    const reached = `reached after about ${Math.floor((flows * limit) / expected)} of ${flows} flows`;
    return isBelowLow ? `below the low estimate; ${reached}` : reached;
  }
  if (high === null) return 'enough for the expected use; there is no high estimate';
  return high > limit ? 'enough for the expected use, not for the high estimate' : 'enough';
}

/** Unknown (null) isn't 0. */
function usdText(usd: number | null): string {
  return usd === null ? 'unknown' : formatSmallUsd(usd);
}

/** `cost: $5.10 expected, from $1.20 to $18.00` */
function costLine({ steps, total }: Forecast): string {
  const { costUsd, knownUsd, unpriced } = total;
  if (unpriced.length === 0) return `cost: ${rangeText(costUsd)}`;
  const others = steps.some(({ model }) => model?.price) ? `; all else: ${rangeText(knownUsd)}` : '';
  return `cost: unknown, as that of ${unpriced.join(', ')}${others}`;
}

function rangeText({ low, expected, high }: Bounds): string {
  return `${usdText(expected)} expected, low ${usdText(low)}, high ${usdText(high)}`;
}

/** Where the prices come from, a line for each model. */
function priceLines(steps: readonly StepForecast[]): string[] {
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
