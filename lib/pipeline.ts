import { type Observable, type OperatorFunction, of } from 'rxjs';
import type { Engine, Placed } from './engine.js';
import type { Flow } from './flow.js';
import { leg } from './leg.js';
import { lift } from './lift.js';
import type { RunStep, Step } from './step.js';

/**
 * All the steps as one function: a flow goes in, its branches come out when they have passed (or, once failed or
 * cancelled, gone past) every step. Completes when the last branch is out. Never errors but for faults of ours.
 */
export function pipeline(steps: readonly Step[], engine: Engine): (flow: Flow) => Observable<Flow> {
  const operators = toOperators(steps, engine);
  return (flow) => operators.reduce((flow$: Observable<Flow>, operator) => operator(flow$), of(flow));
}

/** Each of the user's operators becomes one of ours, and so does each leg of steps side by side. */
function toOperators(steps: readonly Step[], engine: Engine): OperatorFunction<Flow, Flow>[] {
  const operators: OperatorFunction<Flow, Flow>[] = [];
  let side: Placed<RunStep>[] = [];
  let depth = 0;
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'operator') {
      operators.push(lift({ step, index, depth }, engine));
      side = [];
    } else {
      if (side.length === 0) operators.push(leg(side, engine));
      side.push({ step, index, depth });
    }
    if (step.kind === 'operator' || step.array) depth++;
  }
  return operators;
}
