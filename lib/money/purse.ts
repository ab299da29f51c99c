import { type Observable, Subject } from 'rxjs';
import { StepFailure } from '../errors.js';
import type { Flow, StepFacts, Usage } from '../flow.js';
import type { RunStep, Tariff } from '../step.js';
import type { Book } from './book.js';
import { Budget, type BudgetLimits } from './budget.js';
import { amountText, optionsText, spendingText } from './budget-text.js';
import { Payment } from './payment.js';
import { type Spending, spentBy, tokensIn } from './spending.js';

/** What a purse is made of. */
export interface PurseOptions {
  readonly limits: BudgetLimits;
  /** By earlier sittings of the run. */
  readonly before: Spending;
  readonly book: Book;
}

/** Pays for the calls of a run, as long as its budget lasts. */
export class Purse {
  readonly limits: BudgetLimits;
  readonly #refusals = new Subject<string>();
  readonly #budget: Budget;
  readonly #book: Book;

  constructor({ limits, before, book }: PurseOptions) {
    this.limits = limits;
    this.#budget = new Budget(limits, before);
    this.#book = book;
  }

  /** Why it pays no more, each time that it refuses a call. */
  get refusals$(): Observable<string> {
    return this.#refusals;
  }

  /** Null where it may be enough when a call in flight has ended; a failure where it never will be. */
  pay({ name }: RunStep, tariff: Tariff, flow: Flow): Payment | StepFailure | null {
    const usage = tariff.expect(flow);
    const estimate = estimated(tariff, usage);
    const reservation = this.#budget.reserve(estimate);
    if (reservation === 'wait') return null;
    // The first call tells more than any assumption.
    if (reservation === 'full' && tariff.isGuess && this.#budget.isBusy) return null;
    if (reservation === 'full') return this.#refuse(name, estimate, tariff.isGuess);
    return new Payment({ budget: this.#budget, reservation, book: this.#book, tariff, flow });
  }

  /** For a call that wasn't foreseen. */
  charge(facts: StepFacts): void {
    const spending = spentBy(facts);
    if (spending) this.#budget.charge(spending);
  }

  /** By all sittings of the run. */
  get spent(): Spending {
    return this.#budget.spent;
  }

  #refuse(step: string, estimate: Spending, isGuess: boolean): StepFailure {
    const { limits } = this;
    const amount = amountText(estimate, limits);
    const call = isGuess ? `a first call of ${step} is assumed` : `a call of ${step} is expected`;
    const message = `${spendingText(this.spent, limits)}, and ${call} to use ${amount}`;
    this.#refusals.next(message);
    const shorter = isGuess ? ', or say in its `request` how long an answer is at most' : '';
    return new StepFailure('cancelled', `the budget doesn't allow it: ${message}`, {
      hint: `Raise ${optionsText(limits)}${shorter}, and resume the run.`,
    });
  }
}

function estimated(tariff: Tariff, usage: Usage): Spending {
  const spending = { tokens: tokensIn(usage), costUsd: tariff.costOf(usage) };
  return tariff.isSimulated ? { ...spending, simulated: true } : spending;
}
