import type { Flow, StepFacts } from '../flow/flow.js';
import type { Tariff } from '../step/step.js';
import type { Book, Entry } from './book.js';
import type { Budget, Reservation } from './budget.js';
import { NOTHING, type Spending, spentBy } from './spending.js';

interface PaymentOptions {
  readonly budget: Budget;
  readonly reservation: Reservation;
  readonly book: Book;
  readonly tariff: Tariff;
  readonly flow: Flow;
}

/** What is set aside for one call, until it is known what the call used. */
export class Payment {
  readonly #options: PaymentOptions;
  readonly #entry: Entry;
  #settled = false;

  constructor(options: PaymentOptions) {
    this.#options = options;
    this.#entry = options.book.begin(options.reservation.estimate);
  }

  /** The call has ended, with these facts. What is unknown of it (its cost, or all of it) counts as it was expected. */
  settle(facts: StepFacts): void {
    const { tariff, flow } = this.#options;
    const { usage, toolCalls, tier } = facts;
    if (usage) tariff.learn(flow, { ...usage, toolCalls, tier });
    this.#settleWith(spentBy(facts));
  }

  /** Called last: a call that wasn't settled was never made. */
  end(): void {
    if (!this.#settled) this.#settleWith(NOTHING);
  }

  #settleWith(spent: Spending | null): void {
    const { budget, reservation, book } = this.#options;
    const { estimate } = reservation;
    const used = spent ? { ...spent, costUsd: spent.costUsd ?? estimate.costUsd } : estimate;
    this.#settled = true;
    budget.settle(reservation, used);
    book.end(this.#entry, used);
  }
}
