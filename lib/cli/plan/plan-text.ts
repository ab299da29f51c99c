import type { Count } from '../../plan/bounds.js';
import type { Forecast } from '../../plan/forecast.js';
import type { StepForecast } from '../../plan/step-forecast.js';
import { labelled } from '../../step/labels.js';
import { oneLine } from '../../util/text.js';
import { sizeText } from '../size.js';
import { type Row, table } from '../table.js';
import { budgetLines } from './plan-budget.js';
import { costLine, priceLines, usdText } from './plan-money.js';
import { timeLine } from './plan-time.js';

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

/** The prompts that cost most, and what part of all they are. */
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

/** `83%`; what is less than a tenth with one more digit. */
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
