import { type Bounds, plus } from '../../plan/bounds.js';
import type { Forecast } from '../../plan/forecast.js';
import { formatUsd } from '../../util/dollars.js';

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
  if (high === null) return 'enough for what is expected; there is no high estimate';
  return high > limit ? 'enough for what is expected, not for the high estimate' : 'enough';
}
