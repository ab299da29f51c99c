import { type FlowCounts, noFlows, type StepRecord } from '../flow/flow.js';
import type { StepIdentity, StoredFlow, StoredStep } from './contract.js';
import { type FlowLine, flowHead, stepOf } from './flow-line.js';
import { type JournalView, viewJournal } from './journal-view.js';
import { isList } from './outputs.js';
import { type StepLine, stepHead } from './step-line.js';

/** A step of an ended flow; a stored one comes with its identity and the parts of its key. */
type EndedStep = Omit<StoredStep, 'output'> | Unkept;

interface Unkept {
  readonly record: StepRecord;
}

type EndedLine = StepLine | Unkept;

/** A flow or branch that has ended, with all that its record needs. */
export interface EndedFlow extends Omit<StoredFlow, 'steps' | 'output'> {
  readonly steps: readonly EndedStep[];
  readonly output: string | null;
}

/**
 * The ended flows of a run, in the order of their ends; the last end of each. A flow whose output or steps were deleted
 * counts as not ended: a resume runs them again. Throws a JournalError where the journal is damaged. The run may be
 * live.
 */
export function* endedFlows(view: JournalView): Generator<EndedFlow> {
  for (const line of lastEnds(view)) {
    const flow = endedFlow(line, view);
    if (flow) yield flow;
  }
}

/** How many flows (or branches) of a run have ended in which way; the last end of each. Rejects with a JournalError where the journal is damaged. */
export async function countEnds(folder: string): Promise<FlowCounts> {
  const view = await viewJournal(folder);
  try {
    const ends = noFlows();
    for (const { status } of lastEnds(view)) ends[status]++;
    return ends;
  } finally {
    await view.close();
  }
}

function* lastEnds({ flows }: JournalView): Generator<FlowLine> {
  for (const offset of flows.offsets()) {
    const line: FlowLine = JSON.parse(flows.textAt(offset));
    if (flows.last(flowHead(line))?.offset === offset) yield line;
  }
}

function endedFlow(line: FlowLine, view: JournalView): EndedFlow | undefined {
  const steps = line.steps.map((field) => lineOf(stepOf(line, field), view));
  const output = outputOf(line, steps.at(-1), view);
  if (output === undefined || !steps.every((step) => step !== undefined)) return undefined;
  const { flow, branch, index, status, ms, inputs, error } = line;
  return { flow, branch, index, status, ms, inputs, steps: steps.map(endedStep), error, output };
}

/** Undefined where the line is missing. */
function lineOf(step: StepIdentity | StepRecord, { steps }: JournalView): EndedLine | undefined {
  if (!('key' in step)) return { record: step };
  const found = steps.last(stepHead(step));
  return found && JSON.parse(found.text);
}

function endedStep(line: EndedLine): EndedStep {
  if (!('key' in line)) return line;
  const { flow, branch, n: occurrence, key, record, parts } = line;
  return { flow, branch, occurrence, key, record, parts };
}

/** Undefined where the output is missing. */
function outputOf(flow: FlowLine, last: EndedLine | undefined, view: JournalView): string | null | undefined {
  if (flow.status !== 'done') return null;
  const hasItsOwn = flow.output !== undefined || flow.outputFile !== undefined;
  const line = hasItsOwn || !last || !('key' in last) ? flow : last;
  const output = view.outputs.read(line);
  return isList(output) ? output[flow.branch.at(-1) ?? 0] : output;
}
