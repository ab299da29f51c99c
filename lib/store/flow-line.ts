import type { Input, StepRecord } from '../flow/flow.js';
import { escapeControls } from '../util/json-line.js';
import type { StepIdentity, StoredFlow } from './contract.js';
import { LINE_BEGIN } from './line.js';
import { markOf } from './marks.js';
import type { OutputField } from './outputs.js';

/** The parsed line of a flow. */
export type FlowLine = Omit<StoredFlow, 'steps' | 'output'> & {
  readonly steps: readonly StepField[];
} & OutputField;

/** The key of a step in the flow's own branch, `[key, n, ...branch]` of another one, or the record of one that isn't kept. */
type StepField = string | readonly [key: string, n: number, ...branch: number[]] | StepRecord;

/** How the line of a flow begins; ids need no escaping. */
export function flowHead({ flow, branch }: Pick<StoredFlow, 'flow' | 'branch'>): string {
  return `"flow":"${flow}","branch":[${branch.join()}]`;
}

/** By hand, like that of a step. @param output the field, as text; undefined where it is left out */
export function flowLine(flow: StoredFlow, output: string | undefined): string {
  const { status, index, ms, branch, error } = flow;
  const inputs = Object.entries(flow.inputs);
  const steps = flow.steps.map((step) => stepText(step, branch)).join();
  const end = `"status":"${status}","mark":${markOf(inputs)},"index":${index},"ms":${ms}`;
  const content = `"inputs":{${inputs.map(inputText).join()}},"steps":[${steps}]`;
  const rest = `${output === undefined ? '' : `,${output}`},"error":${JSON.stringify(error)}`;
  return escapeControls(`${LINE_BEGIN}${flowHead(flow)},${end},${content}${rest}}\n`);
}

/** A hash needs no escaping. */
function inputText([name, { path, sha256, value }]: [name: string, input: Input]): string {
  const valueField = value === undefined ? '' : `,"value":${JSON.stringify(value)}`;
  const hashText = sha256 === null ? 'null' : `"${sha256}"`;
  return `${JSON.stringify(name)}:{"path":${JSON.stringify(path)},"sha256":${hashText}${valueField}}`;
}

function stepText(step: StepIdentity | StepRecord, branch: readonly number[]): string {
  const field = stepField(step, branch);
  return typeof field === 'string' ? `"${field}"` : JSON.stringify(field);
}

/** The part after the head. */
const BEGIN_OF_REST = /^,"status":"(\w+)","mark":(\d+),/;
const LONGEST_BEGIN = 50;

/** How the flow of a line ended, and its mark, unparsed. @param at where the line's head ends */
export function endIn(bytes: Buffer, at: number): { readonly status: string; readonly mark: number } {
  const rest = bytes.toString('latin1', at, at + LONGEST_BEGIN);
  const [, status = '', mark] = rest.match(BEGIN_OF_REST) ?? [];
  return { status, mark: Number(mark) };
}

/**
 * True if the line equals a stored one (its text) except for the flow's time and its place, which moves when lists
 * grow: then the flow was replayed as a whole.
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

/** The inverse of `stepField`. */
export function stepOf({ flow, branch }: FlowLine, field: StepField): StepIdentity | StepRecord {
  if (typeof field === 'string') return { flow, branch, occurrence: 0, key: field };
  if ('name' in field) return field;
  const [key, occurrence, ...itsBranch] = field;
  return { flow, branch: itsBranch, occurrence, key };
}
