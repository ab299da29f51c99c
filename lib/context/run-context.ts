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

/** Work that the end of a run has to end. */
export interface InFlight extends Member {
  /** Ends the work; what was in it leaves as cancelled. */
  cancel(): void;
  /** Ends the work, silently: nobody listens any more. */
  abandon(): void;
}

/** What a run context is made of. */
export type RunContextParts = Pick<
  RunContext,
  'gate' | 'events' | 'read' | 'kept' | 'timeout' | 'resultCache' | 'usageLog' | 'budgetGuard'
> & {
  readonly onStop?: ((stop: Stop) => void) | undefined;
};

/** What all the steps of one run share. */
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
   * The time of what happens now, milliseconds since the epoch. Reading the system's clock at each of the twenty moments
   * of a flow was a quarter of its cost: whoever comes in from outside ticks, all that follows at once has that time.
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

  /** Why what is in flight is cancelled. */
  get cancellation(): StepFailure {
    return this.#cancellation ?? interrupted();
  }

  /** Tells that a flow came to a step, or left it; how that went, where it is known. */
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

  /** No more flows are admitted; what is in flight goes on. The first reason stays. */
  stop(stop: Stop): void {
    if (this.#stopped) return;
    this.#stopped = stop;
    try {
      this.#onStop?.(stop);
    } catch (error) {
      this.#stopped = { ...stop, error };
    }
  }

  /** What is in flight leaves as cancelled, since somebody wants it so. */
  interrupt(): void {
    this.stop(INTERRUPTED);
    this.cancel();
  }

  /** What is done can't be kept or read any more: the run ends with the error once what is in flight has left. */
  fault(error: unknown): void {
    this.stop({ why: 'store', message: messageOf(error), error });
    this.cancel();
  }

  /** What is in flight leaves as cancelled. */
  cancel(why = interrupted()): void {
    this.tick();
    this.#cancellation ??= why;
    for (const work of this.inFlight.all()) work.cancel();
  }

  /** What is in flight ends, silently, and what waits is not begun. */
  abandon(): void {
    this.tick();
    this.#cancellation ??= interrupted();
    for (const work of this.inFlight.all()) work.abandon();
  }
}

/**
 * Milliseconds since the epoch as this process began them, counted on by the clock that nobody sets: a duration is never
 * negative. (Where the computer slept meanwhile, it lags behind by that.)
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

/** What a roster holds; it knows its seat, so that it can be found at once. */
export interface Member {
  /** The roster's to set; -1 while it is in none. */
  seat: number;
}

/**
 * Who is there now. Not a Set: when millions come and go, each table that a Set outgrows holds whoever was there and
 * points to the next table, so that once one of them is old, garbage keeps garbage alive (half of the speed, in V8).
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
