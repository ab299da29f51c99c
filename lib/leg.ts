import { Observable, type OperatorFunction } from 'rxjs';
import type { Engine, Placed } from './engine.js';
import type { Flow } from './flow.js';
import type { RunStep } from './step.js';
import { Visit } from './visit.js';

/**
 * Neighbouring steps that work on one flow at a time, as one operator: each branch travels through them on its own.
 * (One Observable for the whole leg is what makes a million flows cheap.) Branches leave in the order in which they
 * finish. Unsubscribing ends what is in flight.
 */
export function leg(places: readonly Placed<RunStep>[], engine: Engine): OperatorFunction<Flow, Flow> {
  return (flow$) =>
    new Observable((subscriber) => {
      const visits = new Set<Visit>();
      let travelling = 1; // the upstream itself counts as one, until it completes
      const arrived = () => {
        if (--travelling === 0) subscriber.complete();
      };

      const visit = async (place: Placed<RunStep>, flow: Flow): Promise<Flow> => {
        const visit = new Visit(place, flow, engine);
        visits.add(visit);
        try {
          return await visit.outcome();
        } finally {
          visits.delete(visit);
        }
      };

      const travel = async (start: Flow): Promise<void> => {
        let flow = start;
        for (const place of places) {
          if (flow.status !== 'live' || subscriber.closed) break;
          flow = await visit(place, flow);
        }
        subscriber.next(flow);
        arrived();
      };

      subscriber.add(() => {
        for (const visit of visits) {
          visit.cancel();
          visit.leave();
        }
      });
      const upstream = flow$.subscribe({
        next: (flow) => {
          travelling++;
          travel(flow).catch((fault) => subscriber.error(fault));
        },
        error: (fault) => subscriber.error(fault),
        complete: arrived,
      });
      subscriber.add(upstream);
    });
}
