import { Observable, type OperatorFunction, Subject, type Subscription } from 'rxjs';
import type { InFlight, RunContext, StepAt } from '../context/run-context.js';
import { messageOf, StepFailure } from '../errors.js';
import { branchKey, subBranch } from '../flow/branches.js';
import {
  advanced,
  dropped,
  type Flow,
  failed,
  type StepRecord,
  type StepStatus,
  statusAfter,
} from '../flow/flow.js';
import type { OperatorStep } from '../step/step.js';
import { isoTime } from '../util/iso-time.js';

/** A branch that came to the operator. */
interface Guest {
  /** As it came in. */
  readonly flow: Flow;
  readonly startedAt: number;
  /** True until the branch comes out. */
  inside: boolean;
  /** How many new branches were made beside it. */
  beside: number;
}

/**
 * Lifts a plain operator into a step: it sees the live branches of one flow, failed ones go round it.
 * Its first emission of a branch continues that branch, further ones become new branches, and a branch that it
 * hasn't emitted by its end is dropped.
 */
export function lift(place: StepAt<OperatorStep>, runContext: RunContext): OperatorFunction<Flow, Flow> {
  return (flow$) =>
    new Observable((subscriber) => {
      const stay = new Lifted(place, runContext, {
        emit: (flow) => subscriber.next(flow),
        end: () => subscriber.complete(),
      });
      subscriber.add(() => stay.abandon());
      const upstream = flow$.subscribe({
        next: (flow) => (flow.status === 'live' ? stay.enter(flow) : subscriber.next(flow)),
        error: (fault) => subscriber.error(fault),
        complete: () => stay.upstreamEnded(),
      });
      subscriber.add(upstream);
    });
}

interface Downstream {
  emit(flow: Flow): void;
  end(): void;
}

/** One flow's stay in an operator that isn't ours. */
class Lifted implements InFlight {
  seat = -1;
  readonly #place: StepAt<OperatorStep>;
  readonly #runContext: RunContext;
  readonly #downstream: Downstream;
  /** All that ever came in, by branch. */
  readonly #guests = new Map<string, Guest>();
  readonly #arrivals = new Subject<Flow>();
  #subscription: Subscription | undefined;
  #upstreamEnded = false;
  #operatorEnded = false;
  /** The operator's failure; later arrivals fail with it. */
  #failure: StepFailure | undefined;

  constructor(place: StepAt<OperatorStep>, runContext: RunContext, downstream: Downstream) {
    this.#place = place;
    this.#runContext = runContext;
    this.#downstream = downstream;
    runContext.inFlight.add(this);
  }

  enter(flow: Flow): void {
    const guest = { flow, startedAt: this.#runContext.time, inside: true, beside: 0 };
    this.#guests.set(branchKey(flow.branch), guest);
    this.#runContext.announce('enter', this.#place, flow);
    if (this.#runContext.cancelled) this.#fail(this.#runContext.cancellation);
    else if (this.#failure) this.#fail(this.#failure);
    else if (this.#operatorEnded) this.#drop();
    else if (this.#subscription) this.#arrivals.next(flow);
    else this.#subscribe();
  }

  upstreamEnded(): void {
    this.#upstreamEnded = true;
    this.#arrivals.complete();
    if (!this.#subscription) this.#operatorEnded = true;
    this.#endIfOver();
  }

  /** All branches inside leave as cancelled. */
  cancel(): void {
    this.#fail(this.#runContext.cancellation);
  }

  /** The consumer has unsubscribed. */
  abandon(): void {
    this.#runContext.inFlight.delete(this);
    this.#subscription?.unsubscribe();
    this.#drop();
  }

  /** Replays the branches inside to each subscriber, so that a `retry` in the operator finds them again. */
  readonly #cold$ = new Observable<Flow>((subscriber) => {
    for (const { flow } of this.#inside()) subscriber.next(flow);
    if (this.#upstreamEnded) subscriber.complete();
    else subscriber.add(this.#arrivals.subscribe(subscriber));
  });

  #subscribe(): void {
    this.#subscription = new Observable<Flow>((subscriber) =>
      // Inside an Observable, so that an operator that throws when it is applied is an error like any other.
      streamOf(this.#place.step.operator(this.#cold$), this.#place.step.name).subscribe(subscriber),
    ).subscribe({
      next: (emitted) => this.#accept(emitted),
      error: (error) => this.#fail(this.#brokenBy(error)),
      complete: () => this.#complete(),
    });
    if (this.#operatorEnded) this.#subscription.unsubscribe();
  }

  #accept(emitted: unknown): void {
    if (this.#operatorEnded) return;
    this.#runContext.tick();
    const guest = isFlow(emitted) ? this.#guests.get(branchKey(emitted.branch)) : undefined;
    if (!isFlow(emitted) || !guest || emitted.id !== guest.flow.id) {
      this.#fail(notAFlow(this.#place.step.name, emitted));
      return;
    }
    const continues = guest.inside;
    const branch = continues ? guest.flow.branch : this.#branchBeside(guest);
    const record = this.#record('done', continues ? guest.startedAt : this.#runContext.time);
    if (continues) this.#exit(guest, record);
    // An operator may change the output (and, joining branches, the steps), but not the flow's identity.
    const { output, steps } = emitted;
    const { kept } = this.#runContext;
    const after = advanced({ ...guest.flow, branch, steps }, output.toWellFormed(), record, kept);
    this.#downstream.emit(after);
  }

  #complete(): void {
    if (this.#operatorEnded) return;
    this.#runContext.tick();
    this.#operatorEnded = true;
    this.#drop();
    this.#endIfOver();
  }

  /** Fails the branches inside; without any, fails the flow in a new branch. */
  #fail(failure: StepFailure): void {
    this.#runContext.tick();
    this.#failure = failure;
    const wasOver = this.#operatorEnded;
    this.#operatorEnded = true;
    const leaving = this.#inside();
    for (const guest of leaving) {
      const flow = this.#failed(guest.flow, failure, guest.startedAt);
      this.#exit(guest, flow.steps.at(-1));
      this.#downstream.emit(flow);
    }
    const [first] = this.#guests.values();
    if (leaving.length === 0 && first && !wasOver && failure.kind !== 'cancelled') {
      const flow = { ...first.flow, branch: this.#branchBeside(first) };
      this.#downstream.emit(this.#failed(flow, failure, this.#runContext.time));
    }
    this.#subscription?.unsubscribe();
    this.#endIfOver();
  }

  #inside(): readonly Guest[] {
    return [...this.#guests.values()].filter(({ inside }) => inside);
  }

  #branchBeside(guest: Guest): readonly number[] {
    return subBranch(guest.flow.branch, this.#place.depth, ++guest.beside);
  }

  /** Drops the branches that the operator didn't emit. */
  #drop(): void {
    for (const guest of this.#inside()) {
      this.#exit(guest);
      this.#downstream.emit(dropped(guest.flow));
    }
  }

  #exit(guest: Guest, record?: StepRecord): void {
    guest.inside = false;
    this.#runContext.announce('exit', this.#place, guest.flow, record);
  }

  #endIfOver(): void {
    if (!this.#operatorEnded || !this.#upstreamEnded) return;
    this.#runContext.inFlight.delete(this);
    this.#downstream.end();
  }

  #failed(flow: Flow, failure: StepFailure, startedAt: number): Flow {
    return failed(flow, failure, this.#place.step, this.#record(statusAfter(failure), startedAt));
  }

  #record(status: StepStatus, startedAt: number): StepRecord {
    const { name, type } = this.#place.step;
    const ms = Math.max(0, this.#runContext.time - startedAt);
    return { name, type, status, startedAt: isoTime(startedAt), ms, attempts: 1 };
  }

  #brokenBy(error: unknown): StepFailure {
    if (error instanceof StepFailure) return error;
    const message = `operator "${this.#place.step.name}" failed: ${messageOf(error)}`;
    return new StepFailure('operator', message, { cause: error });
  }
}

/** Checks the fields that a spread of a live flow has. */
function isFlow(value: unknown): value is Flow {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value && 'output' in value && 'branch' in value && 'steps' in value && 'status' in value))
    return false;
  const { output, branch, steps, status } = value;
  return typeof output === 'string' && Array.isArray(branch) && Array.isArray(steps) && status === 'live';
}

function notAFlow(name: string, emitted: unknown): StepFailure {
  return new StepFailure('operator', `operator "${name}" emitted ${unlike('a Flow', emitted)}`, {
    hint: "spread the flow that came in: map(flow => ({ ...flow, output: 'text' }))",
  });
}

/** Throws unless it is an Observable: a plain function isn't an operator. */
function streamOf(returned: Observable<Flow>, name: string): Observable<Flow> {
  if (typeof returned?.subscribe === 'function') return returned;
  throw new StepFailure('operator', `operator "${name}" returned ${unlike('an Observable', returned)}`, {
    hint: "a function that puts out a text is made a step: step('name', flow => 'text')",
  });
}

function unlike(expected: string, value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object that isn't ${expected}`;
  return `${String(value).slice(0, 80)}; expected ${expected}`;
}
