import { from, mergeMap, Observable, tap } from 'rxjs';
import type { Engine } from '../context/run-context.js';
import type { Flow } from '../flow/flow.js';
import type { ResultRecord } from '../flow/record.js';
import type { Step } from '../step/step.js';
import { Departure, type DepartureOptions } from './delivery.js';
import { pipeline } from './pipeline.js';

/**
 * What happens to each flow from its admission on: through the steps, into a record for each branch, delivered;
 * then its finish is announced. Completes when all of that is done: this is what a slot is held for.
 */
export function journey(
  steps: readonly Step[],
  engine: Engine,
  options: Omit<DepartureOptions, 'lastStep'>,
): (flow: Flow | Promise<Flow>) => Observable<ResultRecord> {
  const throughSteps = pipeline(steps, engine);
  const departure = { ...options, lastStep: steps.at(-1)?.name };
  const travel = (flow: Flow) =>
    new Observable<ResultRecord>((results) => {
      results.add(throughSteps(flow).subscribe(new Departure(flow, engine, departure, results)));
    });
  return (flow) => {
    if (!(flow instanceof Promise)) return travel(flow);
    return from(flow).pipe(
      tap(() => engine.tick()),
      mergeMap(travel),
    );
  };
}
