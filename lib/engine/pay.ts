import { StepFailure } from '../errors.js';
import type { Book } from '../money/book.js';
import type { BudgetLimits } from '../money/budget.js';
import { balanceText, optionsText } from '../money/budget-text.js';
import { Purse } from '../money/purse.js';
import type { Spending } from '../money/spending.js';
import type { UncheckedOptions } from '../run-options.js';
import type { Engine } from './engine.js';

/** What a run may use up; undefined where nothing is limited. */
export function limitsOf({ maxCost, maxTokens }: UncheckedOptions): BudgetLimits | undefined {
  if (maxCost === undefined && maxTokens === undefined) return undefined;
  return { ...(maxCost !== undefined && { maxCost }), ...(maxTokens !== undefined && { maxTokens }) };
}

/** How a run's calls are paid. */
export interface Terms {
  readonly limits: BudgetLimits;
  /** By earlier sittings of the run. */
  readonly before: Spending;
  readonly book: Book;
  readonly onLimit: UncheckedOptions['onLimit'];
}

/** From now on the engine's calls are paid from a purse; it stops when that has too little for one. */
export function payFrom(engine: Engine, { onLimit, ...terms }: Terms): void {
  const { limits } = terms;
  const cancels = onLimit === 'cancel';
  const purse = new Purse({
    ...terms,
    onEmpty: (message) => {
      const balance = () => balanceText(purse.spent, limits);
      engine.stop({ why: 'budget', message, balance, ...(cancels && { cancels }) });
      if (cancels) engine.cancel(cancelled(message, limits));
    },
  });
  engine.purse = purse;
}

function cancelled(message: string, limits: BudgetLimits): StepFailure {
  const hint = `Raise ${optionsText(limits)}, and resume the run.`;
  return new StepFailure('cancelled', `the budget is spent: ${message}`, { hint });
}
