import type { Spending } from '../flow/spending.js';
import { formatSmallUsd } from '../util/dollars.js';
import { once } from '../util/once.js';
import type { BudgetLimits } from './budget.js';

/** `$4.98 of $5.00 spent`, `1,998,000 of 2,000,000 tokens used`, or both: one part for each limit. */
export function spendingText({ tokens, costUsd }: Spending, { maxCost, maxTokens }: BudgetLimits): string {
  return joined(
    maxCost !== undefined && `${formatSmallUsd(costUsd ?? 0)} of ${formatSmallUsd(maxCost)} spent`,
    maxTokens !== undefined && `${count(tokens)} of ${count(maxTokens)} tokens used`,
  );
}

/** `$0.05`, `2,000 tokens`, or both. */
export function amountText({ tokens, costUsd }: Spending, { maxCost, maxTokens }: BudgetLimits): string {
  return joined(
    maxCost !== undefined && formatSmallUsd(costUsd ?? 0),
    maxTokens !== undefined && `${count(tokens)} tokens`,
  );
}

/** The options to raise: `--max-cost`. */
export function optionsText({ maxCost, maxTokens }: BudgetLimits): string {
  return joined(maxCost !== undefined && '--max-cost', maxTokens !== undefined && '--max-tokens');
}

/**
 * `$5.01 of $5.00 spent, $0.01 too many, since calls in flight used more than expected; to go on, raise --max-cost`.
 *
 * @param leftOut the calls that didn't fit
 */
export function balanceText(spent: Spending, limits: BudgetLimits, leftOut?: string): string {
  const over = overshootText(spent, limits);
  const why = over && `, ${over} too many, since calls in flight used more than expected`;
  const rest = leftOut === undefined ? '' : `; ${leftOut}`;
  return `${spendingText(spent, limits)}${why}${rest}; to go on, raise ${optionsText(limits)}`;
}

/** By how much the limits were overshot: `$0.01`; empty where they weren't. */
function overshootText(
  { tokens, costUsd }: Spending,
  { maxCost = Infinity, maxTokens = Infinity }: BudgetLimits,
): string {
  const over = (costUsd ?? 0) - maxCost;
  return joined(
    over > 0 && formatSmallUsd(over),
    tokens > maxTokens && `${count(tokens - maxTokens)} tokens`,
  );
}

function joined(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(' and ');
}

function count(tokens: number): string {
  return numbers().format(Math.round(tokens));
}

const numbers = once(() => new Intl.NumberFormat('en'));
