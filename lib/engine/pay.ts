import type { Subscription } from 'rxjs';
import { StepFailure } from '../errors.js';
import type { Book } from '../money/book.js';
import type { BudgetLimits } from '../money/budget.js';
import { balanceText, optionsText } from '../money/budget-text.js';
import { Purse } from '../money/purse.js';
import type { Spending } from '../money/spending.js';
import type { UncheckedOptions } from '../run-options.js';
import type { Engine } from './engine.js';

/** Whether the run may use up only so much. */
export function isLimited({ maxCost, maxTokens }: UncheckedOptions): boolean {
  return maxCost !== undefined || maxTokens !== undefined;
}

/** What pays for the calls of a run that is limited. @param before by earlier sittings */
export function purseOf(options: UncheckedOptions, before: Spending, book: Book): Purse | undefined {
  const { maxCost, maxTokens } = options;
  return isLimited(options) ? new Purse({ limits: { maxCost, maxTokens }, before, book }) : undefined;
}

/** Stops the engine when the purse has too little for a call. */
export function stopWhenSpent(
  purse: Purse,
  onLimit: UncheckedOptions['onLimit'],
  engine: Engine,
): Subscription {
  const { limits } = purse;
  const cancels = onLimit === 'cancel';
  return purse.refusals$.subscribe((message) => {
    const balance = () => balanceText(purse.spent, limits);
    engine.stop({ why: 'budget', message, balance, ...(cancels && { cancels }) });
    if (cancels) engine.cancel(cancelled(message, limits));
  });
}

function cancelled(message: string, limits: BudgetLimits): StepFailure {
  const hint = `Raise ${optionsText(limits)}, and resume the run.`;
  return new StepFailure('cancelled', `the budget is spent: ${message}`, { hint });
}
