import { type Observable, type OperatorFunction, of } from 'rxjs';
import { Branches } from './branches.js';
import type { Engine, Placed } from './engine.js';
import type { Flow } from './flow.js';
import { leg } from './leg.js';
import { lift } from './lift.js';
import type { OperatorStep, RunStep, Step } from './step.js';

/** A stretch of the chain that is one RxJS operator: an operator of the user's, or steps of ours side by side. */
type Stretch = Placed<OperatorStep> | readonly Placed<RunStep>[];

/**
 * All the steps as one function: a flow goes in, its branches come out when they have passed (or, once failed or
 * cancelled, gone past) every step. Completes when the last branch is out. Never errors but for faults of ours.
 */
export function pipeline(steps: readonly Step[], engine: Engine): (flow: Flow) => Observable<Flow> {
  const stretches = toStretches(steps);
  return (flow) => {
    const branches = new Branches();
    return stretches
      .map((stretch) => toOperator(stretch, engine, branches))
      .reduce((flow$: Observable<Flow>, operator) => operator(flow$), of(flow));
  };
}

function toOperator(stretch: Stretch, engine: Engine, branches: Branches): OperatorFunction<Flow, Flow> {
  return 'step' in stretch ? lift(stretch, engine, branches) : leg(stretch, engine);
}

function toStretches(steps: readonly Step[]): Stretch[] {
  const stretches: Stretch[] = [];
  let neighbours: Placed<RunStep>[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'operator') {
      stretches.push({ step, index });
      neighbours = [];
      continue;
    }
    if (neighbours.length === 0) stretches.push(neighbours);
    neighbours.push({ step, index });
  }
  return stretches;
}
