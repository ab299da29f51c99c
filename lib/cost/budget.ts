import { NOTHING, type Spending } from '../flow/spending.js';
import { toPico, toUsd } from '../util/dollars.js';

/** How calls in flight end when the run's budget is spent. */
export const ON_LIMIT = ['drain', 'cancel'] as const;

export type OnLimit = (typeof ON_LIMIT)[number];

/** Limits of a run's usage; a missing one is no limit. */
export interface BudgetLimits {
  /** Dollars. */
  readonly maxCost?: number | undefined;
  readonly maxTokens?: number | undefined;
}

/** The amount reserved for a call in flight. */
export interface Reservation {
  readonly estimate: Spending;
}

/**
 * Bounds the usage of a run: each call reserves its estimate, and settles with its usage. The limits are overshot by no
 * more than the estimates of the calls in flight were too low.
 * in flight were too low.
 *
 * Under `maxCost` estimates without a cost count as free: a run has to refuse steps without a price beforehand.
 */
export class Budget {
  readonly #limits: Amount;
  readonly #open = new Set<Reservation>();
  #spent: Amount;
  #reserved: Amount;

  /** @param spent by earlier sessions of the run */
  constructor({ maxCost = Infinity, maxTokens = Infinity }: BudgetLimits, spent: Spending = NOTHING) {
    this.#limits = amountOf({ tokens: maxTokens, costUsd: maxCost });
    this.#spent = amountOf(spent);
    this.#reserved = amountOf(NOTHING);
  }

  /**
   * Before a call. `wait`: it may fit when calls in flight have settled, so ask again after each; `full`: it doesn't
   * fit into the rest, even if the calls in flight cost nothing.
   */
  reserve(estimate: Spending): Reservation | 'wait' | 'full' {
    const amount = amountOf(estimate);
    if (!this.fits(estimate)) return 'full';
    if (exceeds(plus(plus(this.#spent, amount), this.#reserved), this.#limits)) return 'wait';
    const reservation = { estimate };
    this.#open.add(reservation);
    this.#reserved = plus(this.#reserved, amount);
    return reservation;
  }

  /** True if the estimate fits, should the calls in flight cost nothing. */
  fits(estimate: Spending): boolean {
    return !exceeds(plus(this.#spent, amountOf(estimate)), this.#limits);
  }

  /** After the call, however it ended; a second time changes nothing. */
  settle(reservation: Reservation, used: Spending): void {
    if (!this.#open.delete(reservation)) return;
    this.#reserved = minus(this.#reserved, amountOf(reservation.estimate));
    this.#spent = plus(this.#spent, amountOf(used));
  }

  /** After a call that nothing was set aside for. */
  charge(used: Spending): void {
    this.#spent = plus(this.#spent, amountOf(used));
  }

  /** True if any call has still to settle. */
  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  /** By calls that have settled. */
  get spent(): Spending {
    return spendingOf(this.#spent);
  }
}

/** Whole numbers. */
interface Amount {
  readonly tokens: number;
  readonly pico: number;
}

function amountOf({ tokens, costUsd }: Spending): Amount {
  return { tokens, pico: toPico(costUsd ?? 0) };
}

function spendingOf({ tokens, pico }: Amount): Spending {
  return { tokens, costUsd: toUsd(pico) };
}

function plus(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, pico: a.pico + b.pico };
}

function minus(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens - b.tokens, pico: a.pico - b.pico };
}

function exceeds(a: Amount, limits: Amount): boolean {
  return a.tokens > limits.tokens || a.pico > limits.pico;
}
