import type { SharedResult, Waiter } from '../cache/coalescing.js';
import { CacheLookup } from '../cache/lookup.js';
import type { InFlight, RunContext, StepAt } from '../context/run-context.js';
import type { CallReservation } from '../cost/budget-guard.js';
import { charged } from '../cost/pricing.js';
import { StepFailure, WriteFailure } from '../errors.js';
import {
  type Flow,
  failed,
  type StepFacts,
  type StepIdentity,
  type StepOutput,
  type StepRecord,
  type StepStatus,
  statusAfter,
} from '../flow/flow.js';
import { loggedFor, NOTHING, type Spending } from '../flow/spending.js';
import type { GateWaiter, Permit, QueueEntry } from '../lanes/gate.js';
import type { RunStep, StepContext } from '../step/step.js';
import type { StoredStep } from '../store/contract.js';
import { Attempt, type AttemptOwner, type Outcome } from './attempt.js';
import { outgoing, replayed, shared } from './outgoing.js';
import { backOffMs, isWorthRetrying } from './retry.js';
import { TimeSheet } from './time-sheet.js';

/** Receives the flows that leave a step. */
export interface Host {
  /** Called once, with the flow as it leaves, or all its branches; maybe before the visit's `begin` returns. */
  left(place: StepAt<RunStep>, flows: readonly Flow[]): void;
}

/**
 * One flow's stay at one step: it arrives, waits for its turn at the gate, is worked on (in as many attempts as the
 * step allows), and leaves as a new flow, with the step's record. Never fails: failure is data.
 *
 * Callbacks instead of promises, since a cancelled run must be able to end it in any state, and a million of them
 * must be cheap.
 */
export class StepExecution implements InFlight, AttemptOwner, Waiter, GateWaiter {
  readonly flow: Flow;
  seat = -1;
  /** The failure of the previous attempt. */
  failure: StepFailure | undefined;
  readonly #place: StepAt<RunStep>;
  readonly #runContext: RunContext;
  readonly #host: Host;
  #state: 'arriving' | 'following' | 'waiting' | 'working' | 'pausing' | 'gone' = 'arriving';
  /** Undefined where the step has no fingerprint, or the run has no cache. */
  #lookup: CacheLookup | undefined;
  /** While it is inside the gate. */
  #pass: Permit | undefined;
  #ticket: QueueEntry | undefined;
  /** The budget reserved for the call. */
  #payment: CallReservation | undefined;
  #attempt: Attempt | undefined;
  #endPause: (() => void) | undefined;
  /** Failures that count against the step's retries. */
  #failures = 0;
  /** When its lane refused it first, by the monotonic clock. */
  #refusedAt: number | undefined;
  readonly #times = new TimeSheet();

  constructor(place: StepAt<RunStep>, flow: Flow, runContext: RunContext, host: Host) {
    this.#place = place;
    this.flow = flow;
    this.#runContext = runContext;
    this.#host = host;
  }

  begin(): void {
    this.#runContext.inFlight.add(this);
    this.#runContext.announce('enter', this.#place, this.flow);
    if (this.#runContext.cancelled) this.cancel();
    else if (!this.#isServed()) this.#come();
  }

  /** The shared call has ended. */
  served(result: SharedResult | StepFailure): void {
    if (result instanceof StepFailure) this.#leave([this.#failedWith(result)]);
    else if (this.#lookup) this.#leave(this.#sharedFrom(result, this.#lookup));
  }

  /** Leaves as cancelled: at once, or when the work has ended. */
  cancel(): void {
    if (this.#state === 'working') this.#attempt?.abort(this.#runContext.cancellation);
    else this.#leave([this.#failedWith(this.#runContext.cancellation)]);
  }

  /** The consumer has unsubscribed: ends the work and emits nothing. */
  abandon(): void {
    if (this.#state === 'gone') return;
    // The call's usage won't be known: its reservation counts.
    this.#payment = undefined;
    this.#release();
    this.#attempt?.abort(this.#runContext.cancellation);
  }

  /** True if the result is stored, or another flow is making it. */
  #isServed(): boolean {
    const { resultCache } = this.#runContext;
    const identity = resultCache?.keys.identify(this.#place.index, this.flow);
    if (!resultCache || !identity) return false;
    const lookup = new CacheLookup(identity, resultCache);
    this.#lookup = lookup;
    const kept = this.#recall(lookup);
    if (kept) this.#leave(this.#replayed(kept, identity));
    return kept !== null || this.#state === 'gone' || this.#follows(lookup);
  }

  /** An unreadable result isn't made again: it ends the run, and with it this execution. */
  #recall(lookup: CacheLookup): StoredStep | null {
    try {
      return lookup.recall();
    } catch (error) {
      this.#runContext.fault(error);
      return null;
    }
  }

  #follows(lookup: CacheLookup): boolean {
    const joined = this.#place.step.share ? lookup.join(this) : null;
    if (joined === 'follows') this.#state = 'following';
    else if (joined) this.#leave(this.#sharedFrom(joined, lookup));
    return joined !== null;
  }

  #come(): void {
    const pass = this.#runContext.gate.tryEnter(this.#place.index);
    if (pass) this.#enter(pass);
    else this.#wait();
  }

  #wait(): void {
    this.#state = 'waiting';
    this.#times.waits(this.#runContext.time);
    this.#ticket = this.#runContext.gate.queue(this.#place.index, this);
  }

  pay(): boolean | StepFailure {
    const { step } = this.#place;
    const paid = step.pricing && this.#runContext.budgetGuard?.pay(step, step.pricing, this.flow);
    if (paid === null || paid instanceof StepFailure) return paid ?? false;
    this.#payment = paid;
    return true;
  }

  admitted(pass: Permit): void {
    this.#times.goesOn(this.#runContext.tick());
    this.#enter(pass);
  }

  refused(failure: StepFailure): void {
    this.#runContext.tick();
    this.#fail(failure);
  }

  #enter(pass: Permit): void {
    this.#pass = pass;
    this.#state = 'working';
    if (this.#runContext.cancelled) {
      this.#leave([this.#failedWith(this.#runContext.cancellation)]);
      return;
    }
    const attempt = this.#times.tries(this.#runContext.time);
    this.#attempt = new Attempt(attempt, this.#place.step, this.#runContext.timeout, this);
    this.#attempt.start(this.flow);
  }

  readInput(key: string): string | Promise<string> {
    return this.#runContext.read(this.flow, key);
  }

  get tellLane(): StepContext['lane'] {
    return this.#pass?.call?.tell;
  }

  onAttemptEnd(attempt: Attempt, outcome: Outcome): void {
    if (this.#state === 'gone') return;
    this.#times.tried(this.#runContext.tick(), attempt.waitedMs);
    const used = this.#account(charged(attempt.facts, this.#place.step.pricing, outcome));
    if (!(outcome instanceof StepFailure)) {
      this.#succeed(outcome, used);
      return;
    }
    if (used) this.#runContext.usageLog.add(used);
    // A disk that takes nothing more from this flow takes nothing from the others, either.
    if (outcome.cause instanceof WriteFailure) this.#runContext.fault(outcome.cause);
    if (this.#runContext.cancelled) this.#leave([this.#failedWith(this.#runContext.cancellation)]);
    else this.#decide(outcome);
  }

  /** Usage counts whatever the outcome. Returns the usage that isn't logged yet. */
  #account(facts: StepFacts): Spending | undefined {
    this.#times.add(facts);
    if (facts.costUsd === undefined) return undefined;
    const payment = this.#payment;
    this.#payment = undefined;
    if (payment) payment.settle(facts);
    else this.#runContext.budgetGuard?.charge(facts);
    const used = loggedFor(facts);
    return payment || used === NOTHING ? undefined : used;
  }

  /** @param used written in one line with the result, so that neither is stored without the other */
  #succeed(output: StepOutput, used: Spending | undefined): void {
    this.#pass?.call?.succeeded();
    const record = this.#record('done', this.#lookup?.identity);
    if (this.#lookup) this.#lookup.keep(output, record, used);
    else if (used) this.#runContext.usageLog.add(used);
    this.#leave(this.#outgoing(output, record));
    this.#lookup?.settle({ output, record });
  }

  #fail(failure: StepFailure): void {
    this.#leave([this.#failedWith(failure)]);
    this.#lookup?.settle(failure);
  }

  /** A call refused by its lane waits for the lane; any other failure is retried as often as the step allows. */
  #decide(failure: StepFailure): void {
    const fate = this.#pass?.call?.failed(failure, this.#refusedForMs(), this.flow.index) ?? 'retries';
    if (typeof fate === 'object') this.#waitAgain(fate.againInMs);
    else if (fate === 'retries' && this.#mayRetry(failure)) this.#tryLater(failure);
    else this.#fail(failure);
  }

  #refusedForMs(): number {
    return this.#refusedAt === undefined ? 0 : performance.now() - this.#refusedAt;
  }

  #mayRetry(failure: StepFailure): boolean {
    if (++this.#failures > (this.#place.step.retries ?? 0)) return false;
    return isWorthRetrying(failure, this.failure);
  }

  /** Queued again before it gives its slot back: no later flow of its lane gets in between. */
  #waitAgain(ms: number): void {
    this.#refusedAt ??= performance.now();
    if (ms > 0) {
      this.#pause(ms);
      return;
    }
    const pass = this.#pass;
    this.#pass = undefined;
    this.#wait();
    pass?.leave();
  }

  #tryLater(failure: StepFailure): void {
    this.failure = failure;
    this.#pause(backOffMs(this.#failures, failure.retryAfterMs));
  }

  #pause(ms: number): void {
    const { gate, time } = this.#runContext;
    this.#state = 'pausing';
    this.#times.waits(time);
    this.#endPause = gate.rest(this.#place.index, ms, () => this.#tryAgain());
    this.#giveBack();
  }

  #tryAgain(): void {
    this.#times.goesOn(this.#runContext.tick());
    this.#come();
  }

  #leave(flows: readonly Flow[]): void {
    if (this.#state === 'gone') return;
    this.#release(flows[0]?.steps.at(-1));
    this.#host.left(this.#place, flows);
  }

  /** Releases what it holds, and announces the exit. */
  #release(record?: StepRecord): void {
    this.#giveBack();
    this.#ticket?.leave();
    this.#endPause?.();
    if (this.#state === 'following') this.#lookup?.leave(this);
    this.#state = 'gone';
    this.#runContext.inFlight.delete(this);
    this.#runContext.announce('exit', this.#place, this.flow, record);
  }

  #giveBack(): void {
    this.#payment?.end();
    this.#payment = undefined;
    const pass = this.#pass;
    this.#pass = undefined;
    pass?.leave();
  }

  #replayed(kept: StoredStep, identity: StepIdentity): readonly Flow[] {
    const { step } = this.#place;
    const { usage, toolCalls, tier } = kept.record;
    if (this.#runContext.budgetGuard && usage) step.pricing?.learn(this.flow, { ...usage, toolCalls, tier });
    return this.#outgoing(kept.output, replayed(kept.record, step, identity));
  }

  #sharedFrom({ output, record }: SharedResult, lookup: CacheLookup): readonly Flow[] {
    const ours = shared(record, this.#place.step, lookup.identity);
    lookup.keep(output, ours);
    return this.#outgoing(output, ours);
  }

  #outgoing(output: StepOutput, record: StepRecord): readonly Flow[] {
    return outgoing(this.flow, output, record, { depth: this.#place.depth, kept: this.#runContext.kept });
  }

  #failedWith(failure: StepFailure): Flow {
    return failed(this.flow, failure, this.#place.step, this.#record(statusAfter(failure)));
  }

  #record(status: StepStatus, identity?: StepIdentity): StepRecord {
    return this.#times.record(this.#place.step, status, this.#runContext.time, identity);
  }
}
