import { from, mergeMap, Observable, type OperatorFunction, of, tap } from 'rxjs';
import type { Engine, Placed } from '../context/run-context.js';
import type { Flow } from '../flow/flow.js';
import type { ResultRecord } from '../flow/record.js';
import type { OperatorStep, RunStep, Step } from '../step/step.js';
import { Departure, type DepartureOptions } from './delivery.js';
import { firstLeg, leg } from './leg.js';
import { lift } from './lift.js';

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

/**
 * All the steps as one function: a flow goes in, its branches come out when they have passed (or, once failed or
 * cancelled, gone past) every step. Completes when the last branch is out. Never errors but for faults of ours.
 */
export function pipeline(steps: readonly Step[], engine: Engine): (flow: Flow) => Observable<Flow> {
  const places = placed(steps);
  const operatorAt = places.findIndex(isOperator);
  const side = (operatorAt < 0 ? places : places.slice(0, operatorAt)).filter(isRun);
  const start = side.length > 0 ? firstLeg(side, engine) : (flow: Flow) => of(flow);
  const operators = toOperators(places.slice(side.length), engine);
  if (operators.length === 0) return start;
  return (flow) => operators.reduce((flow$, operator) => operator(flow$), start(flow));
}

/** Each of the user's operators becomes one of ours, and so does each leg of steps side by side. */
function toOperators(places: readonly Placed<Step>[], engine: Engine): OperatorFunction<Flow, Flow>[] {
  const operators: OperatorFunction<Flow, Flow>[] = [];
  let side: Placed<RunStep>[] = [];
  for (const place of places) {
    if (isRun(place)) {
      if (side.length === 0) operators.push(leg(side, engine));
      side.push(place);
    } else if (isOperator(place)) {
      operators.push(lift(place, engine));
      side = [];
    }
  }
  return operators;
}

function placed(steps: readonly Step[]): Placed<Step>[] {
  let depth = 0;
  return steps.map((step, index) => {
    const place = { step, index, depth };
    if (step.kind === 'operator' || step.array) depth++;
    return place;
  });
}

function isRun(place: Placed<Step>): place is Placed<RunStep> {
  return place.step.kind === 'run';
}

function isOperator(place: Placed<Step>): place is Placed<OperatorStep> {
  return place.step.kind === 'operator';
}
