import type { StepRecord } from '../flow/flow.js';
import { escapeControls } from '../util/json-line.js';
import type { StepIdentity, StoredCall, StoredStep } from './contract.js';
import { LINE_BEGIN } from './line.js';
import type { OutputField } from './outputs.js';

/** The parsed line of a step. */
export type StepLine = Omit<StoredStep, 'output' | 'occurrence' | 'used'> & {
  readonly n: number;
} & OutputField;

/** How the line of a step begins; ids and keys need no escaping. */
export function stepHead({ key, occurrence, flow, branch }: StepIdentity): string {
  return `"key":"${key}","n":${occurrence},"flow":"${flow}","branch":[${branch.join()}]`;
}

/** By hand: `JSON.stringify` of all of it takes three times as long. @param output the field, as text */
export function stepLine(step: StoredStep, output: string): string {
  const { record, parts, used } = step;
  const flag = used?.simulated ? SIMULATED : '';
  const usedField = used ? `,"used":[${numberText(used.tokens)},${numberText(used.costUsd)}${flag}]` : '';
  const partsField = parts ? `,"parts":${JSON.stringify(parts)}` : '';
  const line = `${LINE_BEGIN}${stepHead(step)}${usedField},${output},"record":${recordText(record)}${partsField}}\n`;
  return escapeControls(line);
}

/** A third element of `used`. */
const SIMULATED = ',"simulated"';

/** The part after the head. */
const BEGIN_OF_REST = /^,"used":\[(\d+|null),([^\],]+)(,"simulated")?\]/;
const LONGEST_BEGIN = 80;
/** The first letter of `,"used":`; of most steps of most runs it is another: they made no call. */
const USED = 'u'.charCodeAt(0);

/**
 * Usage of the call that made the step of a line, unparsed; null where the line has none. @param at where the head ends
 */
export function usedIn(bytes: Buffer, at: number): StoredStep['used'] | null {
  if (bytes[at + 2] !== USED) return null;
  const [, tokens, costUsd, simulated] =
    bytes.toString('latin1', at, at + LONGEST_BEGIN).match(BEGIN_OF_REST) ?? [];
  if (tokens === undefined || costUsd === undefined) return null;
  const used = { tokens: Number(JSON.parse(tokens)), costUsd: costUsd === 'null' ? null : Number(costUsd) };
  return simulated ? { ...used, simulated: true } : used;
}

/** Most steps have nothing to tell but the fields that all have. */
const FIELDS_OF_ALL = 6;

function recordText(record: StepRecord): string {
  if (Object.keys(record).length > FIELDS_OF_ALL) return JSON.stringify(record);
  const { name, type, status, startedAt, ms, attempts } = record;
  const step = `"name":${JSON.stringify(name)},"type":${JSON.stringify(type)},"status":"${status}"`;
  return `{${step},"startedAt":"${startedAt}","ms":${ms},"attempts":${attempts}}`;
}

/** The step as it was saved. Field by field, here too: a spread takes as long as parsing the line. @param output wherever it was */
export function storedStep(line: StepLine, output: StoredStep['output']): StoredStep {
  const { flow, branch, n: occurrence, key, record, parts } = line;
  return { flow, branch, occurrence, key, output, record, parts };
}

/** How the line of a call begins. */
function callHead([session, number]: StoredCall['call']): string {
  return `"call":[${session},${number}]`;
}

export function callLine({ call, tokens, costUsd, simulated, open }: StoredCall): string {
  const flags = `${simulated ? ',"simulated":true' : ''}${open ? ',"open":true' : ''}`;
  return `${LINE_BEGIN}${callHead(call)},"tokens":${numberText(tokens)},"costUsd":${numberText(costUsd)}${flags}}\n`;
}

/** As in JSON: a number that isn't finite is null. */
function numberText(number: number | null): string {
  return Number.isFinite(number) ? `${number}` : 'null';
}
