import { type Observable, type OperatorFunction, of } from 'rxjs';
import type { RunContext, StepAt } from '../context/run-context.js';
import type { Flow } from '../flow/flow.js';
import type { OperatorStep, RunStep, Step } from '../step/step.js';
import { firstStepChain, stepChain } from './leg.js';
import { lift } from './lift.js';

/** A part of the pipeline that becomes one operator: a step of the user's own operators, or neighbouring steps of ours. */
type Part = StepAt<OperatorStep> | StepAt<RunStep>[];

/**
 * All the steps, each an RxJS operator, as one function: a flow goes in, its branches come out when they have passed (or,
 * once failed or cancelled, gone past) every step. Completes when the last branch is out. Errors only for internal faults.
 */
export function pipeline(steps: readonly Step[], runContext: RunContext): (flow: Flow) => Observable<Flow> {
  const [first, ...others] = fused(located(steps));
  const operators = others.map((part) => toOperator(part, runContext));
  const start = startOf(first, runContext);
  if (operators.length === 0) return start;
  return (flow) => operators.reduce((flow$, operator) => operator(flow$), start(flow));
}

/** The first part has no upstream but the flow itself: an observable of one flow would cost as much as a step. */
function startOf(first: Part | undefined, runContext: RunContext): (flow: Flow) => Observable<Flow> {
  if (first === undefined) return (flow) => of(flow);
  if (Array.isArray(first)) return firstStepChain(first, runContext);
  const operator = lift(first, runContext);
  return (flow) => operator(of(flow));
}

function toOperator(part: Part, runContext: RunContext): OperatorFunction<Flow, Flow> {
  return Array.isArray(part) ? stepChain(part, runContext) : lift(part, runContext);
}

/**
 * Neighbours that work on one flow at a time are one operator: one observable for all of them makes a million flows cheap.
 */
function fused(steps: readonly StepAt<Step>[]): Part[] {
  const parts: Part[] = [];
  for (const step of steps) {
    const last = parts.at(-1);
    if (isOperator(step)) parts.push(step);
    else if (isRun(step) && Array.isArray(last)) last.push(step);
    else if (isRun(step)) parts.push([step]);
  }
  return parts;
}

function located(steps: readonly Step[]): StepAt<Step>[] {
  let depth = 0;
  return steps.map((step, index) => {
    const at = { step, index, depth };
    if (step.kind === 'operator' || step.array) depth++;
    return at;
  });
}

function isRun(at: StepAt<Step>): at is StepAt<RunStep> {
  return at.step.kind === 'run';
}

function isOperator(at: StepAt<Step>): at is StepAt<OperatorStep> {
  return at.step.kind === 'operator';
}
