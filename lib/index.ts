export type { Definition, Definitions } from './cache/cache-keys.js';
export type { MaxFailures, Stop } from './context/stop.js';
export type { OnLimit } from './cost/budget.js';
export type { OwnPrice, OwnPrices } from './cost/price.js';
export {
  ConfigError,
  type FailureFacts,
  type FailureKind,
  type Issue,
  StepFailure,
  WriteFailure,
} from './errors.js';
export type { FinishEvent, RunEvent, StepEvent } from './flow/events.js';
export type {
  Changes,
  Flow,
  FlowError,
  FlowStatus,
  Input,
  StepFacts,
  StepIdentity,
  StepRecord,
  StepStatus,
  Usage,
} from './flow/flow.js';
export { join } from './flow/join.js';
export type { Deliver, ResultRecord } from './flow/record.js';
export type { KeySource, ListSource, ValueSource } from './inputs/key-source.js';
export { admit } from './operators/admit.js';
export { type Progress, progressLines, type RunPlan } from './progress/progress.js';
export { type Run, run } from './run.js';
export type { Detail, OpenStore, RunOptions, StepConfig, StepLike } from './run-options.js';
export type { SimulationOptions } from './simulate/simulation.js';
export type { Fingerprint } from './step/fingerprint.js';
export {
  type AnyStepDefinition,
  defineStep,
  type OperatorStep,
  type OptionsSchema,
  operator,
  type PlainStepDefinition,
  type Pricing,
  type RunStep,
  type Step,
  type StepContext,
  type StepDefinition,
  type StepFunction,
  type StepMaker,
  type StepOptions,
  type StepSettings,
  step,
} from './step/step.js';
export type { Store, StoredCall, StoredFlow, StoredSpending, StoredStep } from './store/contract.js';
export { JournalError } from './store/errors.js';
export { LockError } from './store/lock.js';
export { markOf } from './store/marks.js';
export { createRun as createRunStore, openRun as openRunStore, type RunStore } from './store/run-store.js';
