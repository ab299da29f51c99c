import type { OperatorFunction } from 'rxjs';
import type { Flow, StepFacts } from './flow.js';

/** What a step is given beside the flow, for one attempt. */
export interface StepContext {
  /** Aborted when the attempt's time is up, the run is cancelled or nobody listens any more. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The content of one of the flow's inputs, as text. Fails the flow as `input` where it isn't UTF-8. */
  read(key: string): Promise<string>;
  /** Adds to the step's record; later facts win. What was told before a failure is kept. */
  tell(facts: StepFacts): void;
}

/** Does the step's work for one flow: the flow goes in, the output comes out. Throws a StepFailure (or anything). */
export type StepFunction = (flow: Flow, context: StepContext) => string | Promise<string>;

/** How the engine treats a step, whatever its type. */
export interface StepOptions {
  /** Seconds one attempt may take; waiting for a turn and back-off aren't counted. Default: none. */
  readonly timeout?: number;
  /** Further attempts after a failure that is worth one. Default: 0. */
  readonly retries?: number;
  /** At most so many flows are in this step at once. Default: the run's `parallel`. */
  readonly parallel?: number;
}

/** A step that works on one flow at a time. */
export interface RunStep extends StepOptions {
  readonly kind: 'run';
  readonly name: string;
  readonly type: string;
  readonly run: StepFunction;
  /**
   * True where `run` itself settles soon after its signal aborts, having first ended what it started
   * (a process, a request). Otherwise an aborted call is abandoned at once. Default: false.
   */
  readonly settles?: boolean;
}

/** A step that is an RxJS operator over the live branches of one flow. */
export interface OperatorStep {
  readonly kind: 'operator';
  readonly name: string;
  readonly type: 'operator';
  readonly operator: OperatorFunction<Flow, Flow>;
}

export type Step = RunStep | OperatorStep;

/**
 * A step from a function: the flow goes in, the output comes out.
 * What it throws fails the flow as `operator` (a StepFailure: as its own kind).
 */
export function step(name: string, run: StepFunction, options: StepOptions = {}): RunStep {
  return { kind: 'run', name, type: 'function', run, ...options };
}

/** A step from any `OperatorFunction<Flow, Flow>`, named for the progress line and the records. */
export function operator(name: string, operate: OperatorFunction<Flow, Flow>): OperatorStep {
  return { kind: 'operator', name, type: 'operator', operator: operate };
}
