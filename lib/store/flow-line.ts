import type { StepRecord } from '../flow.js';
import type { StepIdentity, StoredFlow } from './contract.js';
import { LINE_BEGIN } from './line.js';
import { markOf } from './mark.js';
import type { OutputField } from './outputs.js';

/** What the line of a flow is parsed to. */
export type FlowLine = Omit<StoredFlow, 'steps' | 'output'> & {
  readonly steps: readonly StepField[];
} & OutputField;

/** The key of a step in the flow's own branch, `[key, n, ...branch]` of another one, or the record of one that isn't kept. */
type StepField = string | readonly [key: string, n: number, ...branch: number[]] | StepRecord;

/** How the line of a flow begins; ids need no escaping. */
export function flowHead({ flow, branch }: Pick<StoredFlow, 'flow' | 'branch'>): string {
  return `"flow":"${flow}","branch":[${branch.join()}]`;
}

/** @param output the field, as text; undefined where it is left out */
export function flowLine(flow: StoredFlow, output: string | undefined): string {
  const { status, index, ms, inputs, error } = flow;
  const steps = flow.steps.map((step) => stepField(step, flow.branch));
  const rest = JSON.stringify({ inputs, steps, error }).slice(1, -1);
  const outputField = output === undefined ? '' : `,${output}`;
  const place = `"mark":${markOf(Object.entries(inputs))},"index":${index}`;
  return `${LINE_BEGIN}${flowHead(flow)},"status":"${status}",${place},"ms":${ms},${rest}${outputField}}\n`;
}

/** What follows the head. */
const BEGIN_OF_REST = /^,"status":"(\w+)","mark":(\d+),/;
const LONGEST_BEGIN = 50;

/** How the flow of a line ended, and its mark, unparsed. @param at where the line's head ends */
export function endIn(bytes: Buffer, at: number): { readonly status: string; readonly mark: number } {
  const rest = bytes.toString('latin1', at, at + LONGEST_BEGIN);
  const [, status = '', mark] = rest.match(BEGIN_OF_REST) ?? [];
  return { status, mark: Number(mark) };
}

/**
 * Whether a line would say what a kept one says (its text), but for the time that the flow took and its place, which moves
 * when lists grow: it was replayed as a whole.
 */
export function saysTheSame(kept: string, line: string): boolean {
  return timeless(kept) === timeless(`{${line.slice(LINE_BEGIN.length, -1)}`);
}

function timeless(text: string): string {
  return text.replace(/,"index":\d+,"ms":\d+,/, ',');
}

function stepField(step: StepIdentity | StepRecord, branch: readonly number[]): StepField {
  if (!('key' in step)) return step;
  if (step.occurrence === 0 && isSame(step.branch, branch)) return step.key;
  return [step.key, step.occurrence, ...step.branch];
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, place) => number === b[place]);
}

/** What `stepField` was made from. */
export function stepOf({ flow, branch }: FlowLine, field: StepField): StepIdentity | StepRecord {
  if (typeof field === 'string') return { flow, branch, occurrence: 0, key: field };
  if ('name' in field) return field;
  const [key, occurrence, ...itsBranch] = field;
  return { flow, branch: itsBranch, occurrence, key };
}
