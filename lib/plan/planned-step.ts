import type { Bounds, Count } from './bounds.js';
import type { CallUse } from './per-call.js';
import type { PlanStep } from './plan-step.js';
import type { Calls, CountedPrompts } from './prompt-tokens.js';

/** A step with the known facts about its calls: the base of its forecast, before and after a pilot. */
export interface PlannedStep {
  readonly step: PlanStep;
  readonly calls: Count;
  /** How many calls `--share` leaves, at most; null where they can't be shared. */
  readonly sharedCalls: number | null;
  /** How sure the number of calls is, as a factor. */
  readonly callsFactor: Bounds;
  /** Null where it asks no model. */
  readonly model: PlannedModel | null;
  /** Milliseconds a call; null where it is unknown. */
  readonly ms: number | null;
}

export interface PlannedModel {
  /** Listed models whose names are near, where the price is unknown. */
  readonly near: readonly string[];
  readonly prompts: CountedPrompts;
  readonly per: Calls;
  readonly use: CallUse;
  /** `exact` if the prompts are the whole input. */
  readonly inputBound: Count['bound'];
}
