import { from, mergeMap, Observable, type OperatorFunction, of, tap } from 'rxjs';
import type { RunContext, StepAt } from '../context/run-context.js';
import type { Flow } from '../flow/flow.js';
import type { ResultRecord } from '../flow/record.js';
import type { OperatorStep, RunStep, Step } from '../step/step.js';
import { Delivery, type DeliveryOptions } from './delivery.js';
import { firstStepChain, stepChain } from './leg.js';
import { lift } from './lift.js';

/**
 * What happens to each flow from its admission on: through the steps, into a record for each branch, delivered;
 * then its finish is announced. Completes when all of that is done: this is what a slot is held for.
 */
export function runFlow(
  steps: readonly Step[],
  runContext: RunContext,
  options: Omit<DeliveryOptions, 'lastStep'>,
): (flow: Flow | Promise<Flow>) => Observable<ResultRecord> {
  const throughSteps = pipeline(steps, runContext);
  const delivery = { ...options, lastStep: steps.at(-1)?.name };
  const travel = (flow: Flow) =>
    new Observable<ResultRecord>((results) => {
      results.add(throughSteps(flow).subscribe(new Delivery(flow, runContext, delivery, results)));
    });
  return (flow) => {
    if (!(flow instanceof Promise)) return travel(flow);
    return from(flow).pipe(
      tap(() => runContext.tick()),
      mergeMap(travel),
    );
  };
}

/**
 * All the steps as one function: a flow goes in, its branches come out when they have passed (or, once failed or
 * cancelled, gone past) every step. Completes when the last branch is out. Never errors but for faults of ours.
 */
export function pipeline(steps: readonly Step[], runContext: RunContext): (flow: Flow) => Observable<Flow> {
  const places = placed(steps);
  const operatorAt = places.findIndex(isOperator);
  const side = (operatorAt < 0 ? places : places.slice(0, operatorAt)).filter(isRun);
  const start = side.length > 0 ? firstStepChain(side, runContext) : (flow: Flow) => of(flow);
  const operators = toOperators(places.slice(side.length), runContext);
  if (operators.length === 0) return start;
  return (flow) => operators.reduce((flow$, operator) => operator(flow$), start(flow));
}

/** Each of the user's operators becomes one of ours, and so does each leg of steps side by side. */
function toOperators(
  places: readonly StepAt<Step>[],
  runContext: RunContext,
): OperatorFunction<Flow, Flow>[] {
  const operators: OperatorFunction<Flow, Flow>[] = [];
  let side: StepAt<RunStep>[] = [];
  for (const place of places) {
    if (isRun(place)) {
      if (side.length === 0) operators.push(stepChain(side, runContext));
      side.push(place);
    } else if (isOperator(place)) {
      operators.push(lift(place, runContext));
      side = [];
    }
  }
  return operators;
}

function placed(steps: readonly Step[]): StepAt<Step>[] {
  let depth = 0;
  return steps.map((step, index) => {
    const place = { step, index, depth };
    if (step.kind === 'operator' || step.array) depth++;
    return place;
  });
}

function isRun(place: StepAt<Step>): place is StepAt<RunStep> {
  return place.step.kind === 'run';
}

function isOperator(place: StepAt<Step>): place is StepAt<OperatorStep> {
  return place.step.kind === 'operator';
}
