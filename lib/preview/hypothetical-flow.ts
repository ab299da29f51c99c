import type { SharedResult } from '../cache/coalescing.js';
import { subBranch } from '../flow/branches.js';
import { advanced, type Flow, type StepRecord } from '../flow/flow.js';
import type { Step } from '../step/step.js';

/** A step of unknown output. */
interface Unknown {
  readonly step: string;
  /** True if it is certainly new; else it may be as before. */
  readonly isNew: boolean;
}

/**
 * A flow on its way through the steps, of which some don't run now. Unknown parts are made up, differently in its twin:
 * whatever is the same for both doesn't depend on them.
 */
export interface HypotheticalFlow {
  readonly flow: Flow;
  readonly alternate: Flow;
  /** The last step of unknown output; null where all are known. */
  readonly unknown: Unknown | null;
}

export function hypotheticalFlow(flow: Flow): HypotheticalFlow {
  return { flow, alternate: flow, unknown: null };
}

/** The flow after a step of known result: itself, or a branch for each element. @param depth of the step */
export function passed(
  { flow, alternate, unknown }: HypotheticalFlow,
  { output, record }: SharedResult,
  depth: number,
  kept: ReadonlySet<string>,
): HypotheticalFlow[] {
  const past = (output: string, branch: Flow['branch']): HypotheticalFlow => {
    const after = { ...advanced(flow, output, record, kept), branch };
    return {
      flow: after,
      alternate: flow === alternate ? after : { ...advanced(alternate, output, record, kept), branch },
      unknown,
    };
  };
  if (typeof output === 'string') return [past(output, flow.branch)];
  return output.map((element, nth) => past(element, subBranch(flow.branch, depth, nth)));
}

/** The flow after a step of unknown output. @param label the step's name in messages */
export function passedUnknown(
  { flow, alternate }: HypotheticalFlow,
  step: Step,
  label: string,
  isNew: boolean,
  kept: ReadonlySet<string>,
): HypotheticalFlow {
  const past = (flow: Flow, made: string) => advanced(flow, made, madeUp(step, made), kept);
  return { flow: past(flow, 'one'), alternate: past(alternate, 'other'), unknown: { step: label, isNew } };
}

/** Only codex leaves something beside its output that later steps build on. */
function madeUp({ name, type }: Step, made: string): StepRecord {
  const record = { name, type, status: 'done', startedAt: '', ms: 0, attempts: 0 } as const;
  return type === 'codex' ? { ...record, patch: made } : record;
}
