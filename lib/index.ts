export { ConfigError, type FailureFacts, type FailureKind, type Issue, StepFailure } from './errors.js';
export type { FinishEvent, RunEvent, StepEvent } from './events.js';
export type { Flow, FlowError, Input, StepFacts, StepRecord, Usage } from './flow.js';
export { admit } from './operators/admit.js';
export { type Progress, progressLines, type RunPlan } from './progress.js';
export type { FlowStatus, ResultRecord, StepResult } from './record.js';
export { type Run, run } from './run.js';
export type { RunOptions, StepConfig, StepLike } from './run-options.js';
export {
  defineStep,
  type OperatorStep,
  operator,
  type RunStep,
  type Step,
  type StepContext,
  type StepFunction,
  type StepOptions,
  step,
} from './step.js';
