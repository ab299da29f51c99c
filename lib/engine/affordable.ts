import type { Purse } from '../cost/budget-guard.js';
import type { Spending } from '../cost/spending.js';
import type { Combination } from '../inputs/product.js';
import type { Step } from '../step/step.js';
import type { Store } from '../store/contract.js';
import { sumUsd } from '../util/dollars.js';
import { markOf, unread } from './unread.js';

/**
 * Tells of a flow that isn't admitted yet whether what is left of the purse may be enough for it, by the sizes of what it
 * puts in. One that was done before costs nothing; one that ended otherwise may need only a part of its calls.
 */
export function affordable(
  purse: Purse,
  steps: readonly Step[],
  store: Store | undefined,
): (combination: Combination) => boolean {
  const tariffs = steps.flatMap((step) => (step.kind === 'run' && step.tariff ? [step.tariff] : []));
  return (combination) => {
    const wasDone = store?.wasDone?.(markOf(combination));
    if (wasDone) return true;
    const flow = unread(combination);
    const calls = tariffs.map((tariff) => purse.expect(tariff, flow));
    if (wasDone === false) return calls.some((call) => purse.fits(call));
    return purse.fits(sumOf(calls));
  };
}

function sumOf(calls: readonly Spending[]): Spending {
  return {
    tokens: calls.reduce((sum, { tokens }) => sum + tokens, 0),
    costUsd: sumUsd(calls.map(({ costUsd }) => costUsd ?? 0)),
  };
}
