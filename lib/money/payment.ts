import type { Flow, StepFacts } from '../flow.js';
import type { Tariff } from '../step.js';
import type { Book, Entry } from './book.js';
import type { Budget, Reservation } from './budget.js';
import { NOTHING, spentBy } from './spending.js';

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

  /** The call has ended, with these facts. Where nobody knows what it used, it counts as it was expected to. */
  settle(facts: StepFacts): void {
    const { tariff, flow } = this.#options;
    if (facts.usage) tariff.learn(flow, facts.usage);
    this.#settleWith(spentBy(facts));
  }

  /** Called last: a call that wasn't settled was never made. */
  end(): void {
    if (!this.#settled) this.#settleWith(NOTHING);
  }

  #settleWith(used: Parameters<Budget['settle']>[1]): void {
    const { budget, reservation, book } = this.#options;
    this.#settled = true;
    budget.settle(reservation, used);
    book.end(this.#entry, used ?? reservation.estimate);
  }
}
