import type { StepRecord } from '../../flow/flow.js';
import type { StepIdentity } from '../../store/contract.js';
import type { EndedFlow } from '../../store/ended-flows.js';
import { type FlowLine, flowHead, stepOf } from '../../store/flow-line.js';
import type { JournalView } from '../../store/journal-view.js';

type Branch = readonly number[];

/** What a branch was like at one of its steps; null where nothing tells. */
interface Passed {
  readonly branch: string;
  /** What its result is kept under; empty where it failed. */
  readonly key: string;
}

/** As deep as branches are looked for below a branch. */
const DEEPEST = 8;

/**
 * Whether a branch is no more: a later sitting has come through the same steps with other results, and to other branches.
 * (A list became shorter, or a step that had failed brought branches.)
 */
export function isOutdated(ended: EndedFlow, { flows }: JournalView): boolean {
  const { flow, branch } = ended;
  const own = flows.last(flowHead(ended))?.offset ?? 0;
  return relatives(branch).some((relative) => {
    const later = flows.last(flowHead({ flow, branch: relative }));
    return later !== undefined && later.offset > own && contradicts(JSON.parse(later.text), ended);
  });
}

/** Those that it has come from, and the first ones of each of those, of which one is there where any is. */
function relatives(branch: Branch): Branch[] {
  const above = Array.from({ length: branch.length + 1 }, (_, depth) => branch.slice(0, depth));
  const all = above.flatMap((each) => [each, ...firstsBelow(each)]);
  return all.filter((each) => each.join() !== branch.join());
}

function firstsBelow(branch: Branch): Branch[] {
  return Array.from({ length: DEEPEST - branch.length }, (_, depth) => [
    ...branch,
    ...Array(depth + 1).fill(0),
  ]);
}

function contradicts(later: FlowLine, earlier: EndedFlow): boolean {
  if (later.status === 'dropped' || earlier.status === 'dropped') return true;
  const steps = later.steps.map((step) => stepOf(later, step));
  return earlier.steps.some((step, place) => {
    const before = passedAt('key' in step ? step : step.record, earlier.branch);
    const after = steps[place] && passedAt(steps[place], later.branch);
    return before && after && before.branch === after.branch && before.key !== after.key;
  });
}

function passedAt(step: StepIdentity | StepRecord, branch: Branch): Passed | null {
  if ('key' in step) return { branch: step.branch.join(), key: `${step.key} ${step.occurrence}` };
  return step.status === 'done' ? null : { branch: branch.join(), key: '' };
}
