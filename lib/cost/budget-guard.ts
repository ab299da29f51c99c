import { type Observable, Subject } from 'rxjs';
import { StepFailure } from '../errors.js';
import type { Flow, StepFacts } from '../flow/flow.js';
import { flowText } from '../flow/flow-text.js';
import { NOTHING, type Spending, spentBy, tokensIn } from '../flow/spending.js';
import type { Pricing, RunStep } from '../step/step.js';
import { Budget, type BudgetLimits, type Reservation } from './budget.js';
import { amountText, optionsText, spendingText } from './budget-text.js';
import type { CallId, UsageLog } from './usage-log.js';

/** The parts of a budget guard. */
export interface BudgetGuardOptions {
  readonly limits: BudgetLimits;
  /** By earlier sessions of the run. */
  readonly before: Spending;
  readonly usageLog: UsageLog;
}

/** A call that there is too little left for. */
export interface Refusal {
  readonly flow: Flow;
  /** The step's name. */
  readonly step: string;
  readonly estimate: Spending;
  /** No call of the step has ended yet: the estimate is an assumption. */
  readonly isGuess: boolean;
  /** How many calls were refused one after the other, this one included. */
  readonly inARow: number;
}

/** Pays for the calls of a run, as long as its budget lasts. */
export class BudgetGuard {
  readonly limits: BudgetLimits;
  readonly #refusals = new Subject<Refusal>();
  readonly #budget: Budget;
  readonly #usageLog: UsageLog;
  #inARow = 0;

  constructor({ limits, before, usageLog }: BudgetGuardOptions) {
    this.limits = limits;
    this.#budget = new Budget(limits, before);
    this.#usageLog = usageLog;
  }

  /** Each call that it refuses. */
  get refusals$(): Observable<Refusal> {
    return this.#refusals;
  }

  /** Null where it may be enough when a call in flight has ended; a failure where it never will be. */
  pay({ name }: RunStep, pricing: Pricing, flow: Flow): CallReservation | StepFailure | null {
    const estimate = this.expect(pricing, flow);
    const reservation = this.#budget.reserve(estimate);
    if (reservation === 'wait') return null;
    // The first call tells more than any assumption.
    if (reservation === 'full' && pricing.isGuess && this.#budget.isBusy) return null;
    if (reservation === 'full') {
      const { isGuess } = pricing;
      return this.#refuse({ step: name, flow, estimate, isGuess, inARow: ++this.#inARow });
    }
    this.#inARow = 0;
    return new CallReservation({
      budget: this.#budget,
      reservation,
      usageLog: this.#usageLog,
      pricing,
      flow,
    });
  }

  /** The expected usage of a call for this flow. */
  expect(pricing: Pricing, flow: Flow): Spending {
    const billed = pricing.expect(flow);
    const spending = { tokens: tokensIn(billed), costUsd: pricing.costOf(billed) };
    return pricing.isSimulated ? { ...spending, simulated: true } : spending;
  }

  /** True if the estimate fits, should the calls in flight cost nothing. */
  fits(estimate: Spending): boolean {
    return this.#budget.fits(estimate);
  }

  /** For a call that wasn't foreseen. */
  charge(facts: StepFacts): void {
    const spending = spentBy(facts);
    if (spending) this.#budget.charge(spending);
  }

  /** By all sessions of the run. */
  get spent(): Spending {
    return this.#budget.spent;
  }

  #refuse(refusal: Refusal): StepFailure {
    const { limits } = this;
    const message = `${spendingText(this.spent, limits)}, and ${callText(refusal, limits)}`;
    const shorter = refusal.isGuess ? ', or say in its `request` how long an answer is at most' : '';
    const failure = new StepFailure('cancelled', `the budget doesn't allow it: ${message}`, {
      hint: `Raise ${optionsText(limits)}${shorter}, and resume the run.`,
    });
    this.#refusals.next(refusal);
    return failure;
  }
}

/** `a call of draft for flow 07bb65670639933e (doc big.md) is expected to use $0.71` */
export function callText(refusal: Refusal, limits: BudgetLimits): string {
  return expectation(refusal, ` for ${flowText(refusal.flow)}`, limits);
}

/** `a call of draft is expected to use $0.71` */
export function stepText(refusal: Refusal, limits: BudgetLimits): string {
  return expectation(refusal, '', limits);
}

function expectation(
  { step, estimate, isGuess }: Omit<Refusal, 'flow'>,
  whose: string,
  limits: BudgetLimits,
): string {
  const amount = amountText(estimate, limits);
  return isGuess
    ? `a first call of ${step}${whose} is assumed to use ${amount}`
    : `a call of ${step}${whose} is expected to use ${amount}`;
}

interface PaymentOptions {
  readonly budget: Budget;
  readonly reservation: Reservation;
  readonly usageLog: UsageLog;
  readonly pricing: Pricing;
  readonly flow: Flow;
}

/** The reservation of one call, until its usage is known. */
export class CallReservation {
  readonly #options: PaymentOptions;
  readonly #entry: CallId;
  #settled = false;

  constructor(options: PaymentOptions) {
    this.#options = options;
    this.#entry = options.usageLog.begin(options.reservation.estimate);
  }

  /** Settles with the facts of the ended call. Unknown parts (its cost, or everything) count as estimated. */
  settle(facts: StepFacts): void {
    const { pricing, flow } = this.#options;
    const { usage, toolCalls, tier } = facts;
    if (usage) pricing.learn(flow, { ...usage, toolCalls, tier });
    this.#settleWith(spentBy(facts));
  }

  /** Called last: a call that wasn't settled was never made. */
  end(): void {
    if (!this.#settled) this.#settleWith(NOTHING);
  }

  #settleWith(spent: Spending | null): void {
    const { budget, reservation, usageLog } = this.#options;
    const { estimate } = reservation;
    const used = spent ? { ...spent, costUsd: spent.costUsd ?? estimate.costUsd } : estimate;
    this.#settled = true;
    budget.settle(reservation, used);
    usageLog.end(this.#entry, used);
  }
}
