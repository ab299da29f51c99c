import { Observable, type OperatorFunction, Subject, type Subscription } from 'rxjs';
import { branchKey, subBranch } from './branches.js';
import { announce, type Cancellable, type Engine, type Placed } from './engine.js';
import { interrupted, messageOf, StepFailure } from './errors.js';
import { advanced, type Flow, failed, type StepRecord, type StepStatus } from './flow.js';
import { isoTime } from './iso-time.js';
import type { OperatorStep } from './step.js';

/** A branch that went into the operator and hasn't come out yet. */
interface Inside {
  readonly flow: Flow;
  readonly startedAt: number;
}

/** A branch as it came in. */
interface Origin {
  readonly flow: Flow;
  /** How many new branches were made beside it. */
  beside: number;
}

/**
 * Lifts a plain operator into a step: it sees the live branches of one flow, failed ones go round it.
 * Its first emission of a branch continues that branch, further ones become new branches, and a branch that it
 * hasn't emitted by its end is dropped.
 */
export function lift(place: Placed<OperatorStep>, engine: Engine): OperatorFunction<Flow, Flow> {
  return (flow$) =>
    new Observable((subscriber) => {
      const stay = new Lifted(place, engine, {
        emit: (flow) => subscriber.next(flow),
        end: () => subscriber.complete(),
      });
      subscriber.add(() => stay.close());
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
class Lifted implements Cancellable {
  readonly #place: Placed<OperatorStep>;
  readonly #engine: Engine;
  readonly #downstream: Downstream;
  readonly #inside = new Map<string, Inside>();
  /** All branches that ever came in. */
  readonly #known = new Map<string, Origin>();
  readonly #arrivals = new Subject<Flow>();
  #subscription: Subscription | undefined;
  #upstreamEnded = false;
  #operatorEnded = false;
  /** What the operator died of: later arrivals share its fate. */
  #failure: StepFailure | undefined;

  constructor(place: Placed<OperatorStep>, engine: Engine, downstream: Downstream) {
    this.#place = place;
    this.#engine = engine;
    this.#downstream = downstream;
    engine.inFlight.add(this);
  }

  enter(flow: Flow): void {
    const key = branchKey(flow.branch);
    this.#known.set(key, { flow, beside: 0 });
    this.#inside.set(key, { flow, startedAt: this.#engine.time });
    announce(this.#engine, 'enter', this.#place, flow);
    if (this.#engine.cancelled) this.#fail(interrupted());
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

  /** Whatever is inside leaves as cancelled. */
  cancel(): void {
    this.#fail(interrupted());
  }

  /** Nobody listens any more. */
  close(): void {
    this.#engine.inFlight.delete(this);
    this.#subscription?.unsubscribe();
    this.#drop();
  }

  /** Replays what is inside to each subscriber, so that a `retry` in the operator finds it again. */
  readonly #cold$ = new Observable<Flow>((subscriber) => {
    for (const { flow } of [...this.#inside.values()]) subscriber.next(flow);
    if (this.#upstreamEnded) subscriber.complete();
    else subscriber.add(this.#arrivals.subscribe(subscriber));
  });

  #subscribe(): void {
    this.#subscription = new Observable<Flow>((subscriber) =>
      // Inside an Observable, so that an operator that throws when it is applied is an error like any other.
      this.#place.step.operator(this.#cold$).subscribe(subscriber),
    ).subscribe({
      next: (emitted) => this.#accept(emitted),
      error: (error) => this.#fail(this.#brokenBy(error)),
      complete: () => this.#complete(),
    });
    if (this.#operatorEnded) this.#subscription.unsubscribe();
  }

  #accept(emitted: unknown): void {
    if (this.#operatorEnded) return;
    this.#engine.tick();
    const origin = isFlow(emitted) ? this.#known.get(branchKey(emitted.branch)) : undefined;
    if (!isFlow(emitted) || !origin || emitted.id !== origin.flow.id) {
      this.#fail(notAFlow(this.#place.step.name, emitted));
      return;
    }
    const key = branchKey(emitted.branch);
    const inside = this.#inside.get(key);
    const branch = inside ? emitted.branch : this.#branchBeside(origin);
    if (inside) this.#exit(key, inside);
    // An operator changes the output (and, joining branches, the steps): what a flow is, it can't change.
    const { output, steps } = emitted;
    this.#downstream.emit(this.#done({ ...origin.flow, branch, output, steps }, inside));
  }

  #complete(): void {
    if (this.#operatorEnded) return;
    this.#engine.tick();
    this.#operatorEnded = true;
    this.#drop();
    this.#endIfOver();
  }

  /** What is inside fails; with nothing inside the flow does, in a branch of its own. */
  #fail(failure: StepFailure): void {
    this.#engine.tick();
    this.#failure = failure;
    const wasOver = this.#operatorEnded;
    this.#operatorEnded = true;
    const leaving = [...this.#inside];
    for (const [key, inside] of leaving) {
      this.#exit(key, inside);
      this.#downstream.emit(this.#failed(inside.flow, failure, inside));
    }
    const cancelled = failure.kind === 'cancelled';
    const [first] = this.#known.values();
    if (leaving.length === 0 && first && !wasOver && !cancelled) {
      const branch = this.#branchBeside(first);
      this.#downstream.emit(this.#failed({ ...first.flow, branch }, failure, undefined));
    }
    this.#subscription?.unsubscribe();
    this.#endIfOver();
  }

  #branchBeside(origin: Origin): readonly number[] {
    return subBranch(origin.flow.branch, this.#place.depth, ++origin.beside);
  }

  /** What the operator didn't emit is no more. */
  #drop(): void {
    for (const [key, inside] of [...this.#inside]) this.#exit(key, inside);
  }

  #exit(key: string, { flow }: Inside): void {
    this.#inside.delete(key);
    announce(this.#engine, 'exit', this.#place, flow);
  }

  #endIfOver(): void {
    if (!this.#operatorEnded || !this.#upstreamEnded) return;
    this.#engine.inFlight.delete(this);
    this.#downstream.end();
  }

  #done(flow: Flow, inside: Inside | undefined): Flow {
    return advanced(flow, flow.output, this.#record('done', inside), this.#engine.kept);
  }

  #failed(flow: Flow, failure: StepFailure, inside: Inside | undefined): Flow {
    const status = failure.kind === 'cancelled' ? 'cancelled' : 'failed';
    return failed(flow, failure, this.#place.step, this.#record(status, inside));
  }

  #record(status: StepStatus, inside: Inside | undefined): StepRecord {
    const { name, type } = this.#place.step;
    const now = this.#engine.time;
    const startedAt = inside?.startedAt ?? now;
    return { name, type, status, startedAt: isoTime(startedAt), ms: now - startedAt, attempts: 1 };
  }

  #brokenBy(error: unknown): StepFailure {
    if (error instanceof StepFailure) return error;
    const message = `operator "${this.#place.step.name}" failed: ${messageOf(error)}`;
    return new StepFailure('operator', message, { cause: error });
  }
}

/** What a spread of a live flow has. */
function isFlow(value: unknown): value is Flow {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value && 'output' in value && 'branch' in value && 'steps' in value && 'status' in value))
    return false;
  const { output, branch, steps, status } = value;
  return typeof output === 'string' && Array.isArray(branch) && Array.isArray(steps) && status === 'live';
}

function notAFlow(name: string, emitted: unknown): StepFailure {
  const what = typeof emitted === 'object' && emitted !== null ? 'an object that is none' : String(emitted);
  return new StepFailure('operator', `operator "${name}" emitted ${what.slice(0, 80)}; expected a Flow`, {
    hint: "spread the flow that came in: map(flow => ({ ...flow, output: 'text' }))",
  });
}
