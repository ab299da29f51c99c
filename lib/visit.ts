import { Attempt, type Outcome, type Trier } from './attempt.js';
import { subBranch } from './branches.js';
import { announce, type Engine, type InFlight, type Placed } from './engine.js';
import { type FailureKind, messageOf, StepFailure } from './errors.js';
import { inOrder, mergeFacts, NO_FACTS } from './facts.js';
import {
  advanced,
  type Flow,
  failed,
  IDENTITY,
  type StepFacts,
  type StepIdentity,
  type StepRecord,
  type StepStatus,
} from './flow.js';
import type { Newcomer, Pass, Ticket } from './gate.js';
import { isoTime } from './iso-time.js';
import type { StepKey } from './keys.js';
import type { Memory } from './memory.js';
import { charged } from './money/charged.js';
import type { Payment } from './money/payment.js';
import { backOffMs } from './retry.js';
import type { Follower, SharedResult } from './sharing.js';
import type { RunStep, StepContext } from './step.js';
import type { StoredStep } from './store/contract.js';

/** Failures that another attempt may cure; a failure that knows better says so itself (`retryable`). */
const WORTH_RETRYING: ReadonlySet<FailureKind> = new Set([
  'timeout',
  'rate_limit',
  'server',
  'network',
  'exit',
  'operator',
]);

/** Where the visited steps stand. */
export interface Host {
  /** Called once, with the flow as it leaves, or all its branches; maybe before the visit's `begin` returns. */
  left(place: Placed<RunStep>, flows: readonly Flow[]): void;
}

/**
 * One flow's stay at one step: it arrives, waits for its turn at the gate, is worked on (in as many attempts as the
 * step allows), and leaves as a new flow, with the step's record. Never fails: failure is data.
 *
 * Callbacks instead of promises, since a cancelled run must be able to end it in any state, and a million of them
 * must be cheap.
 */
export class Visit implements InFlight, Trier, Follower, Newcomer {
  readonly flow: Flow;
  seat = -1;
  /** What the attempt before went wrong with. */
  failure: StepFailure | undefined;
  readonly #place: Placed<RunStep>;
  readonly #engine: Engine;
  readonly #host: Host;
  #state: 'arriving' | 'following' | 'waiting' | 'working' | 'pausing' | 'gone' = 'arriving';
  #identity: StepKey | null = null;
  /** Other flows wait for what it gets. */
  #leads = false;
  /** While it is inside the gate. */
  #pass: Pass | undefined;
  #ticket: Ticket | undefined;
  /** What is set aside for the call. */
  #payment: Payment | undefined;
  #attempt: Attempt | undefined;
  #endPause: (() => void) | undefined;
  #attempts = 0;
  /** Those that count against the step's retries. */
  #failures = 0;
  /** When its lane refused it first, by the clock that nobody sets. */
  #refusedAt: number | undefined;
  #waitsSince = 0;
  #began = 0;
  #workMs = 0;
  #startedAt = 0;
  #waitedMs = 0;
  #facts: StepFacts = NO_FACTS;

  constructor(place: Placed<RunStep>, flow: Flow, engine: Engine, host: Host) {
    this.#place = place;
    this.flow = flow;
    this.#engine = engine;
    this.#host = host;
  }

  begin(): void {
    this.#engine.inFlight.add(this);
    announce(this.#engine, 'enter', this.#place, this.flow);
    if (this.#engine.cancelled) this.cancel();
    else if (!this.#isServed()) this.#come();
  }

  /** The call that it would have made has ended. */
  served(result: SharedResult | StepFailure): void {
    if (result instanceof StepFailure) this.#leave([this.#failedWith(result)]);
    else this.#leave(this.#sharedFrom(result));
  }

  /** Leaves as cancelled: at once, or as soon as the work has ended. */
  cancel(): void {
    if (this.#state === 'working') this.#attempt?.abort(this.#engine.cancellation);
    else this.#leave([this.#failedWith(this.#engine.cancellation)]);
  }

  /** Nobody waits for the flow any more: ends the work, and is gone. */
  abandon(): void {
    if (this.#state === 'gone') return;
    // Nobody hears what the call uses: it counts as it was expected to.
    this.#payment = undefined;
    this.#release();
    this.#attempt?.abort(this.#engine.cancellation);
  }

  /** Whether the result is there already, or another flow is about to get it. */
  #isServed(): boolean {
    const { memory } = this.#engine;
    this.#identity = memory?.keys.identify(this.#place.index, this.flow) ?? null;
    if (!memory || !this.#identity) return false;
    const kept = this.#recall(this.#identity, memory);
    if (kept) this.#leave(this.#replayed(kept));
    return kept !== null || this.#state === 'gone' || this.#follows(this.#identity, memory);
  }

  /** What can't be read any more isn't bought again: it ends the run, and with it this visit. */
  #recall(identity: StepIdentity, memory: Memory): StoredStep | null {
    try {
      return memory.recall(identity);
    } catch (error) {
      this.#engine.fault({ why: 'store', message: messageOf(error), error });
      return null;
    }
  }

  #follows(identity: StepIdentity, { sharing }: Memory): boolean {
    if (!sharing || !this.#place.step.share) return false;
    const joined = sharing.join(identity, this);
    if (joined === 'leads') {
      this.#leads = true;
      return false;
    }
    if (joined === 'follows') this.#state = 'following';
    else this.served(joined);
    return true;
  }

  #come(): void {
    const pass = this.#engine.gate.tryEnter(this.#place.index);
    if (pass) this.#enter(pass);
    else this.#wait();
  }

  #wait(): void {
    this.#state = 'waiting';
    this.#waitsSince = this.#engine.time;
    this.#ticket = this.#engine.gate.queue(this.#place.index, this);
  }

  pay(): boolean | StepFailure {
    const { step } = this.#place;
    const paid = step.tariff && this.#engine.purse?.pay(step, step.tariff, this.flow);
    if (paid === null || paid instanceof StepFailure) return paid ?? false;
    this.#payment = paid;
    return true;
  }

  admitted(pass: Pass): void {
    this.#waitedMs += Math.max(0, this.#engine.tick() - this.#waitsSince);
    this.#enter(pass);
  }

  refused(failure: StepFailure): void {
    this.#engine.tick();
    this.#fail(failure);
  }

  #enter(pass: Pass): void {
    this.#pass = pass;
    this.#state = 'working';
    if (this.#engine.cancelled) {
      this.#leave([this.#failedWith(this.#engine.cancellation)]);
      return;
    }
    this.#startedAt ||= this.#engine.time;
    this.#tryOnce();
  }

  #tryOnce(): void {
    this.#began = this.#engine.time;
    this.#attempt = new Attempt(++this.#attempts, this.#place.step, this.#engine.timeout, this);
    this.#attempt.start(this.flow);
  }

  readInput(key: string): string | Promise<string> {
    return this.#engine.read(this.flow, key);
  }

  get tellLane(): StepContext['lane'] {
    return this.#pass?.call?.tell;
  }

  tried(attempt: Attempt, outcome: Outcome): void {
    if (this.#state === 'gone') return;
    const { waitedMs } = attempt;
    this.#workMs += Math.max(0, this.#engine.tick() - this.#began - waitedMs);
    this.#waitedMs += waitedMs;
    this.#account(charged(attempt.facts, this.#place.step.tariff, outcome));
    if (!(outcome instanceof StepFailure)) this.#succeed(outcome);
    else if (this.#engine.cancelled) this.#leave([this.#failedWith(this.#engine.cancellation)]);
    else this.#decide(outcome);
  }

  /** What was used was paid for, whatever becomes of it. */
  #account(facts: StepFacts): void {
    this.#facts = mergeFacts(this.#facts, facts);
    if (facts.costUsd === undefined) return;
    const { book, purse } = this.#engine;
    if (this.#payment) {
      this.#payment.settle(facts);
      this.#payment = undefined;
    } else {
      purse?.charge(facts);
      book?.add(facts);
    }
  }

  #succeed(output: string | readonly string[]): void {
    this.#pass?.call?.succeeded();
    const record = this.#record('done');
    this.#keep(output, record);
    this.#leave(this.#advancedWith(output, record), record);
    if (this.#leads) this.#settle({ output, record });
  }

  #fail(failure: StepFailure): void {
    this.#leave([this.#failedWith(failure)]);
    if (this.#leads) this.#settle(failure);
  }

  #settle(result: SharedResult | StepFailure): void {
    if (this.#identity) this.#engine.memory?.sharing?.settle(this.#identity, result);
  }

  #keep(output: string | readonly string[], record: StepRecord): void {
    const { memory } = this.#engine;
    if (!memory || !this.#identity) return;
    memory.keepStep(this.#identity, output, record);
  }

  /** What its lane refused waits for the lane; what else went wrong is tried again as often as the step allows. */
  #decide(failure: StepFailure): void {
    const fate = this.#pass?.call?.failed(failure, this.#refusedForMs()) ?? 'retries';
    if (fate === 'again') this.#waitAgain();
    else if (fate === 'retries' && this.#mayRetry(failure)) this.#tryLater(failure);
    else this.#fail(failure);
  }

  #refusedForMs(): number {
    return this.#refusedAt === undefined ? 0 : performance.now() - this.#refusedAt;
  }

  #mayRetry(failure: StepFailure): boolean {
    if (++this.#failures > (this.#place.step.retries ?? 0)) return false;
    return failure.retryable ?? WORTH_RETRYING.has(failure.kind);
  }

  /** In the queue before it gives its slot back: no later flow of its lane gets in between. */
  #waitAgain(): void {
    this.#refusedAt ??= performance.now();
    const pass = this.#pass;
    this.#pass = undefined;
    this.#wait();
    pass?.leave();
  }

  #tryLater(failure: StepFailure): void {
    const { gate, time } = this.#engine;
    this.failure = failure;
    this.#state = 'pausing';
    this.#waitsSince = time;
    const ms = backOffMs(this.#failures, failure.retryAfterMs);
    this.#endPause = gate.rest(this.#place.index, ms, () => this.#tryAgain());
    this.#giveBack();
  }

  #tryAgain(): void {
    this.#waitedMs += Math.max(0, this.#engine.tick() - this.#waitsSince);
    this.#come();
  }

  #leave(flows: readonly Flow[], record = flows[0]?.steps.at(-1)): void {
    if (this.#state === 'gone') return;
    this.#release(record);
    this.#host.left(this.#place, flows);
  }

  /** Gives back what it holds, and announces the exit. */
  #release(record?: StepRecord): void {
    this.#giveBack();
    this.#ticket?.leave();
    this.#endPause?.();
    if (this.#state === 'following' && this.#identity) {
      this.#engine.memory?.sharing?.leave(this.#identity, this);
    }
    this.#state = 'gone';
    this.#engine.inFlight.delete(this);
    announce(this.#engine, 'exit', this.#place, this.flow, record);
  }

  #giveBack(): void {
    this.#payment?.end();
    this.#payment = undefined;
    const pass = this.#pass;
    this.#pass = undefined;
    pass?.leave();
  }

  #replayed({ output, record }: StoredStep): readonly Flow[] {
    const { name, type, tariff } = this.#place.step;
    if (this.#engine.purse && record.usage) tariff?.learn(this.flow, record.usage);
    return this.#advancedWith(output, { ...record, name, type, replayed: true, ...this.#identified() });
  }

  /** The tokens and their cost are those of the flow that made the call. */
  #sharedFrom({ output, record: { usage: _, costUsd: __, ...record } }: SharedResult): readonly Flow[] {
    const { name } = this.#place.step;
    const shared = { ...record, name, ms: 0, attempts: 0, shared: true, ...this.#identified() } as const;
    this.#keep(output, shared);
    return this.#advancedWith(output, shared);
  }

  #identified(): Pick<StepRecord, typeof IDENTITY> {
    return this.#identity ? { [IDENTITY]: this.#identity } : {};
  }

  /** The flow with its new output, or a branch for each element of it. */
  #advancedWith(outcome: string | readonly string[], record: StepRecord): readonly Flow[] {
    const advance = (output: string) => advanced(this.flow, output, record, this.#engine.kept);
    if (typeof outcome === 'string') return [advance(outcome)];
    const branchOf = (position: number) => subBranch(this.flow.branch, this.#place.depth, position);
    return outcome.map((element, position) => ({ ...advance(element), branch: branchOf(position) }));
  }

  #failedWith(failure: StepFailure): Flow {
    const record = this.#record(failure.kind === 'cancelled' ? 'cancelled' : 'failed');
    return failed(this.flow, failure, this.#place.step, record);
  }

  #record(status: StepStatus): StepRecord {
    const { name, type } = this.#place.step;
    const startedAt = isoTime(this.#startedAt || this.#engine.time);
    const ms = this.#workMs;
    const attempts = this.#attempts;
    const identity = status === 'done' ? this.#identity : null;
    // A spread costs as much as all the rest of the record, and most steps have nothing to add.
    if (this.#facts === NO_FACTS && this.#waitedMs === 0) {
      if (!identity) return { name, type, status, startedAt, ms, attempts };
      return { name, type, status, startedAt, ms, attempts, [IDENTITY]: identity };
    }
    return {
      ...{ name, type, status, startedAt, ms, attempts },
      ...(this.#waitedMs > 0 && { waitedMs: this.#waitedMs }),
      ...inOrder(this.#facts),
      ...(identity && { [IDENTITY]: identity }),
    };
  }
}
