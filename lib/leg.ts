import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import type { Cancellable, Engine, Placed } from './engine.js';
import type { Flow } from './flow.js';
import type { RunStep } from './step.js';
import { type Host, Visit } from './visit.js';

/**
 * Neighbouring steps that work on one flow at a time, as one operator: each branch travels through them on its own.
 * (One Observable for the whole leg is what makes a million flows cheap.) Branches leave in the order in which they
 * finish. Unsubscribing ends what is in flight.
 */
export function leg(places: readonly Placed<RunStep>[], engine: Engine): OperatorFunction<Flow, Flow> {
  return (flow$) =>
    new Observable((subscriber) => {
      const travels = new Travels(places, engine, subscriber);
      const upstream = flow$.subscribe({
        next: (flow) => travels.depart(flow),
        error: (fault) => subscriber.error(fault),
        complete: () => travels.lastDeparted(),
      });
      subscriber.add(upstream);
      subscriber.add(() => travels.abandon());
    });
}

/** The branches of one flow that are on their way through a leg. */
class Travels implements Cancellable, Host {
  readonly #places: readonly Placed<RunStep>[];
  /** Position of the leg's first step. */
  readonly #first: number;
  readonly #engine: Engine;
  readonly #arrivals: Subscriber<Flow>;
  readonly #visits = new Set<Visit>();
  /** Those on their way; the upstream counts as one until it completes. */
  #travelling = 1;

  constructor(places: readonly Placed<RunStep>[], engine: Engine, arrivals: Subscriber<Flow>) {
    this.#places = places;
    this.#first = places[0]?.index ?? 0;
    this.#engine = engine;
    this.#arrivals = arrivals;
    engine.inFlight.add(this);
  }

  depart(flow: Flow): void {
    this.#travelling++;
    this.#travel(flow, 0);
  }

  lastDeparted(): void {
    this.#arrived();
  }

  cancel(): void {
    for (const visit of [...this.#visits]) visit.cancel();
  }

  abandon(): void {
    this.#engine.inFlight.delete(this);
    for (const visit of this.#visits) visit.abandon();
  }

  /** Mostly one flow; a step with `array` makes branches of it. */
  left(visit: Visit, place: Placed<RunStep>, flows: readonly Flow[]): void {
    this.#visits.delete(visit);
    this.#travelling += flows.length - 1;
    for (const flow of flows) this.#travel(flow, place.index - this.#first + 1);
    if (flows.length === 0) this.#endIfAllArrived();
  }

  #travel(flow: Flow, at: number): void {
    const place = this.#places[at];
    if (place && flow.status === 'live' && !this.#arrivals.closed) {
      this.#visit(place, flow);
      return;
    }
    this.#arrivals.next(flow);
    this.#arrived();
  }

  #visit(place: Placed<RunStep>, flow: Flow): void {
    const visit = new Visit(place, flow, this.#engine, this);
    this.#visits.add(visit);
    visit.begin();
  }

  #arrived(): void {
    this.#travelling--;
    this.#endIfAllArrived();
  }

  #endIfAllArrived(): void {
    if (this.#travelling === 0) this.#arrivals.complete();
  }
}
