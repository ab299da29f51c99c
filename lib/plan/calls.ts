import type { Key } from '../inputs/key.js';
import type { Count } from './count.js';
import type { PlanStep } from './plan-step.js';
import { sharedCalls } from './shared-calls.js';

/** How often a step is going to be called, and how often with `--share`. */
export interface StepCalls {
  readonly step: PlanStep;
  /** `at least`: arrays may have more elements than one; `at most`: more calls may turn out to be the same. */
  readonly calls: Count;
  /** Null where its calls can't be shared. */
  readonly sharedCalls: number | null;
  /** They are. */
  readonly shares: boolean;
}

/** @param share what holds for steps that say nothing of it */
export function callsOf(
  steps: readonly PlanStep[],
  keys: readonly Key[],
  flows: number,
  share: boolean,
): StepCalls[] {
  const could = sharedCalls(steps, keys, true);
  const does = sharedCalls(steps, keys, share);
  return steps.map((step, index) => {
    const shared = does[index] ?? null;
    const branches = steps.slice(0, index).some(({ array }) => array);
    const bound = branches ? 'at least' : shared === null ? 'exact' : 'at most';
    return {
      step,
      calls: { count: shared ?? flows, bound },
      sharedCalls: could[index] ?? null,
      shares: shared !== null,
    };
  });
}
