import { filter, type Observable, type Subscription } from 'rxjs';
import type { RunContext } from '../context/run-context.js';
import type { MaxFailures, Stop } from '../context/stop.js';
import type { BudgetLimits } from '../cost/budget.js';
import { BudgetGuard, callText, type Refusal, stepText } from '../cost/budget-guard.js';
import { balanceText, optionsText, spendingText } from '../cost/budget-text.js';
import type { UsageLog } from '../cost/usage-log.js';
import { StepFailure } from '../errors.js';
import type { RunEvent } from '../flow/events.js';
import type { Spending } from '../flow/spending.js';
import type { Combination } from '../inputs/product.js';
import type { ExhaustedLane } from '../lanes/lanes.js';
import type { UncheckedOptions } from '../run-options.js';
import type { Step } from '../step/step.js';
import type { Store } from '../store/contract.js';
import { sumUsd } from '../util/dollars.js';
import { markOf, type Source, unread } from './source.js';

/** Stops the run when too many flows have failed. */
export function stopAtFailures(
  limit: MaxFailures,
  total: number | null,
  events$: Observable<RunEvent>,
  runContext: RunContext,
): Subscription {
  const most = typeof limit === 'number' ? limit : shareOf(total, Number.parseFloat(limit));
  let failed = 0;
  return events$
    .pipe(filter((event) => event.type === 'finish' && event.status === 'failed'))
    .subscribe(() => {
      failed++;
      if (failed < most) return;
      const flows = failed === 1 ? 'flow has' : 'flows have';
      runContext.stop({ why: 'failures', message: `${failed} ${flows} failed, of at most ${limit}` });
    });
}

/**
 * Stops the run when a lane is exhausted, unless the flow that found out is the last one: then nothing is held back.
 * Work in flight goes on, in other lanes as well.
 */
export function stopAtExhaustion(
  exhausted$: Observable<ExhaustedLane>,
  source: Source,
  runContext: RunContext,
): Subscription {
  return exhausted$.subscribe(({ lane, failure }) => {
    if (!source.hasMore && runContext.inFlight.size <= 1) return;
    runContext.stop({ why: 'limit', message: `${lane} accepts no more calls: ${failure.message}` });
  });
}

/** Without a total, a percentage counts as of 100. */
function shareOf(total: number | null, percent: number): number {
  return Math.max(1, Math.ceil(((total ?? 100) * percent) / 100));
}

/** True if the run has a budget. */
export function isLimited({ maxCost, maxTokens }: UncheckedOptions): boolean {
  return maxCost !== undefined || maxTokens !== undefined;
}

/** The guard of the run's budget; undefined without one. @param before usage of earlier sessions */
export function budgetGuardFor(
  options: UncheckedOptions,
  before: Spending,
  usageLog: UsageLog,
): BudgetGuard | undefined {
  const { maxCost, maxTokens } = options;
  return isLimited(options)
    ? new BudgetGuard({ limits: { maxCost, maxTokens }, before, usageLog })
    : undefined;
}

/** Values that can be iterated only once allow no look-ahead: then this many refusals in a row end the run. */
const MOST_IN_A_ROW = 100;

interface WatchOptions {
  readonly budgetGuard: BudgetGuard;
  readonly runContext: RunContext;
  readonly source: Source;
  readonly onLimit: UncheckedOptions['onLimit'];
  /** True if the rest of the budget may be enough for a flow. */
  readonly fits: (combination: Combination) => boolean;
}

/** Watches the budget's refusals: the run goes on without the refused flows as long as any other flow fits. */
export class BudgetWatch {
  readonly #options: WatchOptions;
  #refused = 0;
  #dearest: Refusal | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  watch(): Subscription {
    return this.#options.budgetGuard.refusals$.subscribe((refusal) => this.#onRefusal(refusal));
  }

  /** All flows have left. Where some of them were refused a call, that ends the run, too. */
  end(): void {
    if (this.#dearest) this.#stop({ message: this.#leftOut(this.#dearest), isLast: true });
  }

  #onRefusal(refusal: Refusal): void {
    const { budgetGuard, runContext } = this.#options;
    this.#refused++;
    if (!this.#dearest || isDearer(refusal, this.#dearest)) this.#dearest = refusal;
    if (runContext.stopped || this.#mayGoOn(refusal)) return;
    const balance = spendingText(budgetGuard.spent, budgetGuard.limits);
    const message = `${balance}, and nothing that is left fits: ${stepText(refusal, budgetGuard.limits)}`;
    this.#stop({ message, ...(this.#cancels && { cancels: true }) });
    if (this.#cancels) runContext.cancel(cancelled(message, budgetGuard.limits));
  }

  /** Where all flows were admitted there is nothing to hold back. */
  #mayGoOn({ inARow }: Refusal): boolean {
    const { source, fits } = this.#options;
    if (!source.hasMore && !this.#cancels) return true;
    return source.anyLeft(fits) ?? inARow < MOST_IN_A_ROW;
  }

  get #cancels(): boolean {
    return this.#options.onLimit === 'cancel';
  }

  #stop(stop: Pick<Stop, 'message' | 'cancels' | 'isLast'>): void {
    this.#options.runContext.stop({ why: 'budget', ...stop, balance: () => this.#balance() });
  }

  #balance(): string {
    const { budgetGuard } = this.#options;
    return balanceText(budgetGuard.spent, budgetGuard.limits, this.#dearest && this.#leftOut(this.#dearest));
  }

  /** `1 call didn't fit: …` */
  #leftOut(dearest: Refusal): string {
    const call = callText(dearest, this.#options.budgetGuard.limits);
    return this.#refused === 1
      ? `1 call didn't fit: ${call}`
      : `${this.#refused} calls didn't fit, the dearest: ${call}`;
  }
}

function isDearer({ estimate: a }: Refusal, { estimate: b }: Refusal): boolean {
  return (a.costUsd ?? 0) > (b.costUsd ?? 0) || (a.costUsd === b.costUsd && a.tokens > b.tokens);
}

function cancelled(message: string, limits: BudgetLimits): StepFailure {
  const hint = `Raise ${optionsText(limits)}, and resume the run.`;
  return new StepFailure('cancelled', `the budget is spent: ${message}`, { hint });
}

/**
 * Estimates if the rest of the budget may be enough for a flow that isn't admitted yet, by the sizes of its inputs. A
 * flow that was done before costs nothing; one that ended otherwise may need only a part of its calls.
 */
export function affordable(
  budgetGuard: BudgetGuard,
  steps: readonly Step[],
  store: Store | undefined,
): (combination: Combination) => boolean {
  const pricings = steps.flatMap((step) => (step.kind === 'run' && step.pricing ? [step.pricing] : []));
  return (combination) => {
    const wasDone = store?.wasDone?.(markOf(combination));
    if (wasDone) return true;
    const flow = unread(combination);
    const calls = pricings.map((pricing) => budgetGuard.expect(pricing, flow));
    if (wasDone === false) return calls.some((call) => budgetGuard.fits(call));
    return budgetGuard.fits(sumOf(calls));
  };
}

function sumOf(calls: readonly Spending[]): Spending {
  return {
    tokens: calls.reduce((sum, { tokens }) => sum + tokens, 0),
    costUsd: sumUsd(calls.map(({ costUsd }) => costUsd ?? 0)),
  };
}
