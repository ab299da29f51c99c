import { StepFailure } from '../errors.js';
import { compareBranches } from '../flow/branches.js';
import { type Clock, systemClock } from './clock.js';
import { Heap } from './heap.js';
import type { Lane, LaneCall } from './lane.js';

/** Bounds of the executions of one step, beside the gate's own capacity. */
export interface StepBounds {
  /** Its own cap. Default: none. */
  readonly cap?: number | undefined;
  /** The lane of its calls; other steps may share it. */
  readonly lane?: Lane | undefined;
  /** Entering requires a budget reservation. */
  readonly paid?: boolean;
}

/** One that has entered, until it leaves. */
export interface Permit {
  /** Its use of the step's lane. */
  readonly call: LaneCall | undefined;
  /** Called once. */
  leave(): void;
}

/** One that wants to enter: earlier flows go first, and of a flow earlier branches. */
export interface GateWaiter {
  readonly flow: { readonly index: number; readonly branch: readonly number[] };
  /** It has entered. */
  admitted(permit: Permit): void;
  /**
   * Its turn has come, at a step that is paid. False where there may be money enough when another call has ended: until
   * then others go first. A failure where there never will be.
   */
  pay?(): boolean | StepFailure;
  /** It never will: its lane is exhausted, or there is no money. */
  refused(failure: StepFailure): void;
}

/** A place in the gate's queue. */
export interface QueueEntry {
  /** Gives the place up. */
  leave(): void;
}

interface Waiter {
  readonly waiter: GateWaiter;
  readonly number: number;
  present: boolean;
}

interface StepState {
  readonly cap: number;
  readonly lane: Lane | undefined;
  readonly paid: boolean;
  readonly waiting: Heap<Waiter>;
  /** Waiters without a reservation; they ask again when a paid call has ended. */
  short: Waiter[];
  /** For all that enter, where no lane wants to tell them apart. */
  readonly permit: Permit;
  active: number;
}

interface Timer {
  readonly at: number;
  readonly stop: () => void;
}

/** At most so many waiters without a reservation are passed over: to ask all again after each call is quadratic. */
const MOST_SHORT = 100;

/** Timers don't reach further than some weeks, and computers sleep: a lane is looked at again after a minute. */
const LONGEST_TIMER_MS = 60_000;

/**
 * Admission. All executions of all steps pass this one gate: at most `capacity` at once, at most its own cap in each
 * step, and no more and no faster than its lane allows. Later steps enter first, then earlier flows. A waiter whose step
 * or lane is full, or that gets no reservation, lets others pass.
 */
export class Gate {
  readonly #steps: readonly StepState[];
  readonly #lanes: readonly Lane[];
  readonly #capacity: number;
  readonly #clock: Clock;
  /** At most one for each lane with waiters. */
  readonly #timers = new Map<Lane, Timer>();
  #active = 0;
  #waiting = 0;
  #tickets = 0;
  #admitting = false;

  /** @param steps what bounds each step, by position */
  constructor(capacity: number, steps: readonly StepBounds[], clock: Clock = systemClock) {
    this.#capacity = capacity;
    this.#clock = clock;
    this.#steps = steps.map((bounds) => this.#stateOf(bounds));
    this.#lanes = [...new Set(steps.flatMap(({ lane }) => lane ?? []))];
  }

  /** Enters where no waiter is ahead. A paid step asks for its reservation in the queue. */
  tryEnter(index: number): Permit | undefined {
    const step = this.#step(index);
    if (step.paid || this.#active >= this.#capacity || step.active >= step.cap) return undefined;
    if (step.lane && (step.lane.waiting > 0 || step.lane.waitMs() > 0)) return undefined;
    return this.#enter(step);
  }

  /** Queues for a step that `tryEnter` refused; calls `admitted` or `refused` exactly once, asynchronously unless the step is paid. */
  queue(index: number, waiter: GateWaiter): QueueEntry {
    const step = this.#step(index);
    const queued = { waiter, number: this.#tickets++, present: true };
    step.waiting.push(queued);
    this.#waiting++;
    if (step.lane) step.lane.waiting++;
    if (step.paid) this.#admit();
    else if (step.lane) this.#wakeFor(step.lane);
    return { leave: () => this.#dismiss(queued, step) };
  }

  /** A result that is there can't be handed over yet: until it can, it takes up the room of an execution. */
  occupy(): void {
    this.#active++;
  }

  /** It was handed over. */
  vacate(): void {
    this.#active--;
    this.#admit();
  }

  /** Calls back after a time in which the step's failed call rests, outside. The result calls it off. */
  rest(index: number, ms: number, work: () => void): () => void {
    const { lane } = this.#step(index);
    return lane ? lane.rest(ms, work) : this.#clock.after(ms, work);
  }

  /** A loop, not a recursion: work that ends at once leaves while it is being admitted. */
  #admit(): void {
    if (this.#admitting || this.#waiting === 0) return;
    this.#admitting = true;
    try {
      for (const lane of this.#lanes) if (lane.exhausted) this.#refuse(lane, lane.exhausted);
      while (this.#admitNext());
    } finally {
      this.#admitting = false;
    }
    for (const lane of this.#lanes) this.#wakeFor(lane);
  }

  #admitNext(): boolean {
    for (let index = this.#steps.length - 1; index >= 0; index--) {
      const step = this.#step(index);
      if (step.waiting.size === 0 || !this.#hasRoom(step) || (step.lane && step.lane.waitMs() > 0)) continue;
      if (this.#serveFirst(step)) return true;
    }
    return false;
  }

  /** The first of a step who can pay. False where there is none. */
  #serveFirst(step: StepState): boolean {
    while (step.short.length < MOST_SHORT) {
      const waiter = firstPresent(step.waiting);
      if (!waiter) return false;
      const paid = step.paid ? (waiter.waiter.pay?.() ?? true) : true;
      if (paid) {
        this.#serve(waiter, step, paid);
        return true;
      }
      step.waiting.pop();
      step.short.push(waiter);
    }
    return false;
  }

  #serve(waiter: Waiter, step: StepState, paid: true | StepFailure): void {
    this.#dismiss(waiter, step);
    if (paid instanceof StepFailure) waiter.waiter.refused(paid);
    else waiter.waiter.admitted(this.#enter(step));
  }

  /** Waiters without a reservation ask again. */
  #askAgain(step: StepState): void {
    for (const waiter of step.short) if (waiter.present) step.waiting.push(waiter);
    step.short = [];
  }

  #refuse(lane: Lane, failure: StepFailure): void {
    for (const step of this.#steps) {
      if (step.lane !== lane) continue;
      this.#askAgain(step);
      for (let waiter = firstPresent(step.waiting); waiter; waiter = firstPresent(step.waiting)) {
        this.#dismiss(waiter, step);
        waiter.waiter.refused(failure);
      }
    }
  }

  /** Looks again when the lane may have time for a waiter. A waiter for room enters when another execution leaves. */
  #wakeFor(lane: Lane): void {
    if (lane.waiting === 0) return;
    const ms = lane.exhausted ? 0 : lane.waitMs();
    if (ms === Number.POSITIVE_INFINITY || (ms <= 0 && !lane.exhausted && !this.#hasRoomFor(lane))) return;
    const at = this.#clock.now() + Math.min(Math.max(ms, 0), LONGEST_TIMER_MS);
    const timer = this.#timers.get(lane);
    if (timer && timer.at <= at) return;
    this.#stopTimer(lane);
    this.#timers.set(lane, { at, stop: this.#clock.after(at - this.#clock.now(), () => this.#wake(lane)) });
  }

  #wake(lane: Lane): void {
    this.#timers.delete(lane);
    this.#admit();
  }

  #hasRoomFor(lane: Lane): boolean {
    return this.#steps.some((step) => step.lane === lane && step.waiting.size > 0 && this.#hasRoom(step));
  }

  #hasRoom(step: StepState): boolean {
    return step.short.length < MOST_SHORT && this.#active < this.#capacity && step.active < step.cap;
  }

  #enter(step: StepState): Permit {
    this.#active++;
    step.active++;
    if (!step.lane) return step.permit;
    const call = step.lane.start();
    return {
      call,
      leave: () => {
        call.end();
        this.#leave(step);
      },
    };
  }

  #leave(step: StepState): void {
    this.#active--;
    step.active--;
    if (step.paid) for (const each of this.#steps) this.#askAgain(each);
    this.#admit();
  }

  /** It stays in the heap until its turn comes. */
  #dismiss(waiter: Waiter, { lane }: StepState): void {
    if (!waiter.present) return;
    waiter.present = false;
    this.#waiting--;
    if (lane && --lane.waiting === 0) this.#stopTimer(lane);
  }

  #stopTimer(lane: Lane): void {
    this.#timers.get(lane)?.stop();
    this.#timers.delete(lane);
  }

  #stateOf({ cap = this.#capacity, lane, paid = false }: StepBounds): StepState {
    const step: StepState = {
      cap,
      lane,
      paid,
      waiting: new Heap(isBefore),
      short: [],
      permit: { call: undefined, leave: () => this.#leave(step) },
      active: 0,
    };
    return step;
  }

  #step(index: number): StepState {
    const step = this.#steps[index];
    if (!step) throw new RangeError(`The gate has no step ${index}`);
    return step;
  }
}

/** The first who still waits; those who left are dropped on the way. */
function firstPresent(waiting: Heap<Waiter>): Waiter | undefined {
  while (waiting.peek()?.present === false) waiting.pop();
  return waiting.peek();
}

function isBefore(a: Waiter, b: Waiter): boolean {
  const [one, other] = [a.waiter.flow, b.waiter.flow];
  const order = one.index - other.index || compareBranches(one.branch, other.branch);
  return order < 0 || (order === 0 && a.number < b.number);
}
