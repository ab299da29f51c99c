import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import type { RunContext, StepAt } from '../context/run-context.js';
import type { Flow } from '../flow/flow.js';
import type { RunStep } from '../step/step.js';
import { type Host, StepExecution } from '../visit/step-execution.js';

/**
 * Neighbouring steps that work on one flow at a time, as one operator: each branch travels through them on its own.
 * (One Observable for the whole leg makes a million flows cheap.) Branches leave in the order in which they finish. The
 * run context ends the work in flight.
 */
export function stepChain(
  places: readonly StepAt<RunStep>[],
  runContext: RunContext,
): OperatorFunction<Flow, Flow> {
  return (flow$) =>
    new Observable((arrivals) => {
      arrivals.add(flow$.subscribe(new Travels(places, runContext, arrivals)));
    });
}

/** A chain that one flow starts in: the same without an upstream, as most flows need. */
export function firstStepChain(
  places: readonly StepAt<RunStep>[],
  runContext: RunContext,
): (flow: Flow) => Observable<Flow> {
  return (flow) =>
    new Observable((arrivals) => {
      const travels = new Travels(places, runContext, arrivals);
      travels.next(flow);
      travels.complete();
    });
}

/** The branches of one flow that are on their way through a leg; observes their departures. */
class Travels implements Observer<Flow>, Host {
  readonly #places: readonly StepAt<RunStep>[];
  readonly #runContext: RunContext;
  readonly #arrivals: Subscriber<Flow>;
  /** Branches in the leg; the upstream counts as one until it completes. */
  #travelling = 1;

  constructor(places: readonly StepAt<RunStep>[], runContext: RunContext, arrivals: Subscriber<Flow>) {
    this.#places = places;
    this.#runContext = runContext;
    this.#arrivals = arrivals;
  }

  next(flow: Flow): void {
    this.#travelling++;
    this.#travel(flow, 0);
  }

  error(fault: unknown): void {
    this.#arrivals.error(fault);
  }

  complete(): void {
    this.#arrived();
  }

  /** Mostly one flow; a step with `array` makes branches of it. */
  left({ index }: StepAt<RunStep>, flows: readonly Flow[]): void {
    const [first] = this.#places;
    const next = index - (first?.index ?? 0) + 1;
    this.#travelling += flows.length - 1;
    for (const flow of flows) this.#travel(flow, next);
  }

  #travel(flow: Flow, at: number): void {
    const place = this.#places[at];
    if (place && flow.status === 'live' && !this.#arrivals.closed) {
      new StepExecution(place, flow, this.#runContext, this).begin();
      return;
    }
    this.#arrivals.next(flow);
    this.#arrived();
  }

  #arrived(): void {
    this.#travelling--;
    if (this.#travelling === 0) this.#arrivals.complete();
  }
}
