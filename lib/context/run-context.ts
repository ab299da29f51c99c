import type { Subject } from 'rxjs';
import type { ResultCache } from '../cache/result-cache.js';
import type { BudgetGuard } from '../cost/budget-guard.js';
import type { UsageLog } from '../cost/usage-log.js';
import { interrupted, messageOf, type StepFailure } from '../errors.js';
import type { RunEvent } from '../flow/events.js';
import type { Flow, StepRecord } from '../flow/flow.js';
import type { Gate } from '../lanes/gate.js';
import type { ReadInput } from '../step/step.js';
import { INTERRUPTED, type Stop } from './stop.js';

/** In-flight work that must be cancelled when the run ends. */
export interface InFlight extends Member {
  /** Ends the work; its flows leave as cancelled. */
  cancel(): void;
  /** Ends the work and emits nothing. */
  abandon(): void;
}

/** The parts of a run context. */
export type RunContextParts = Pick<
  RunContext,
  'gate' | 'events' | 'read' | 'kept' | 'timeout' | 'resultCache' | 'usageLog' | 'budgetGuard'
> & {
  readonly onStop?: ((stop: Stop) => void) | undefined;
};

/** State that all steps of one run share. */
export class RunContext {
  readonly gate: Gate;
  readonly events: Subject<RunEvent>;
  readonly read: ReadInput;
  /** Names of the steps whose output a later template asks for. */
  readonly kept: ReadonlySet<string>;
  /** Seconds one attempt may take where the step doesn't say. */
  readonly timeout: number | undefined;
  /** Undefined where nothing is kept and nothing shared. */
  readonly resultCache: ResultCache | undefined;
  readonly usageLog: UsageLog;
  /** Undefined where nothing is limited. */
  readonly budgetGuard: BudgetGuard | undefined;
  /** All that is in flight in a step. */
  readonly inFlight = new DenseSet<InFlight>();
  #cancellation: StepFailure | undefined;
  readonly #onStop: ((stop: Stop) => void) | undefined;
  #stopped: Stop | undefined;
  #time = wallTime();

  constructor({
    gate,
    events,
    read,
    kept,
    timeout,
    resultCache,
    usageLog,
    budgetGuard,
    onStop,
  }: RunContextParts) {
    this.gate = gate;
    this.events = events;
    this.read = read;
    this.kept = kept;
    this.timeout = timeout;
    this.resultCache = resultCache;
    this.usageLog = usageLog;
    this.budgetGuard = budgetGuard;
    this.#onStop = onStop;
  }

  /**
   * The current time, milliseconds since the epoch. Reading the system's clock at each of the twenty moments of a flow
   * was a quarter of its cost: an entry from outside calls `tick`, and everything that it causes has that time.
   */
  get time(): number {
    return this.#time;
  }

  /** Something came in from outside: a flow was admitted, work has ended, a timer has fired. */
  tick(): number {
    this.#time = wallTime();
    return this.#time;
  }

  /** True once the run was cancelled or is over: nothing new is begun. */
  get cancelled(): boolean {
    return this.#cancellation !== undefined;
  }

  /** The failure of work that is cancelled. */
  get cancellation(): StepFailure {
    return this.#cancellation ?? interrupted();
  }

  /** Announces that a flow reached a step, or left it, with the step's record where there is one. */
  announce(
    type: 'enter' | 'exit',
    { step, index }: StepAt<{ readonly name: string }>,
    { id, branch }: Flow,
    record?: StepRecord,
  ): void {
    const event = { type, step: step.name, index, flow: id, at: this.#time, record };
    this.events.next(branch.length > 0 ? { ...event, branch } : event);
  }

  /** Why no more flows are admitted; undefined while they are. */
  get stopped(): Stop | undefined {
    return this.#stopped;
  }

  /** Admits no more flows; work in flight goes on. The first reason stays. */
  stop(stop: Stop): void {
    if (this.#stopped) return;
    this.#stopped = stop;
    try {
      this.#onStop?.(stop);
    } catch (error) {
      this.#stopped = { ...stop, error };
    }
  }

  /** Stops the run; work in flight leaves as cancelled. */
  interrupt(): void {
    this.stop(INTERRUPTED);
    this.cancel();
  }

  /** Results can't be stored or read any more: the run ends with the error once the work in flight has left. */
  fault(error: unknown): void {
    this.stop({ why: 'store', message: messageOf(error), error });
    this.cancel();
  }

  /** Work in flight leaves as cancelled. */
  cancel(why = interrupted()): void {
    this.tick();
    this.#cancellation ??= why;
    for (const work of this.inFlight.all()) work.cancel();
  }

  /** Ends work in flight without emitting anything; waiting work never starts. */
  abandon(): void {
    this.tick();
    this.#cancellation ??= interrupted();
    for (const work of this.inFlight.all()) work.abandon();
  }
}

/**
 * Milliseconds since the epoch at the start of this process, advanced by the monotonic clock: a duration is never
 * negative. (While the computer sleeps, it lags behind.)
 */
function wallTime(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

/** A step in the chain. */
export interface StepAt<S> {
  readonly step: S;
  /** Its position, from 0. */
  readonly index: number;
  /** How many steps that can branch come before it. */
  readonly depth: number;
}

/** A member of a DenseSet; it knows its position, so that it is found in constant time. */
export interface Member {
  /** Set by the DenseSet; -1 while it is in none. */
  seat: number;
}

/**
 * A set as an array. Not a Set: when millions come and go, each table that a Set outgrows keeps its members and points
 * to the next table, so that once one of them is old, garbage keeps garbage alive (half of the speed, in V8).
 */
export class DenseSet<T extends Member> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    member.seat = this.#members.length;
    this.#members.push(member);
  }

  /** The last one takes the seat. Changes nothing where it isn't there. */
  delete(member: T): void {
    if (member.seat < 0) return;
    const last = this.#members.pop();
    if (last && last !== member) {
      this.#members[member.seat] = last;
      last.seat = member.seat;
    }
    member.seat = -1;
  }

  /** As it is now, whatever becomes of them meanwhile; in no certain order. */
  all(): readonly T[] {
    return [...this.#members];
  }
}
