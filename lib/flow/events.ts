import type { FlowStatus, StepRecord } from './flow.js';

/** A flow (or one of its branches) came to a step, or left it. */
export interface StepEvent {
  readonly type: 'enter' | 'exit';
  /** The step's name. */
  readonly step: string;
  /** The step's position, from 0. */
  readonly index: number;
  /** The flow's id. */
  readonly flow: string;
  readonly branch?: readonly number[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The step's record, on an exit; not for branches that an operator drops. */
  readonly record?: StepRecord | undefined;
}

/** A flow ended with all its branches. */
export interface FinishEvent {
  readonly type: 'finish';
  readonly flow: string;
  readonly status: FlowStatus;
  /** Nothing was done for it: all its results are those of an earlier attempt at the run. */
  readonly replayed?: true;
  readonly at: number;
}

export type RunEvent = StepEvent | FinishEvent;
