import { messageOf, StepFailure } from '../errors.js';
import { subBranch } from '../flow/branches.js';
import {
  advanced,
  dropped,
  type Flow,
  IDENTITY,
  type StepIdentity,
  type StepOutput,
  type StepRecord,
  type StepRef,
} from '../flow/flow.js';
import { isDeeperThan, MOST_JSON_LEVELS } from '../util/depth.js';
import { elementTexts } from '../util/json-elements.js';
import { unfenced } from '../util/values.js';

export interface OutgoingOptions {
  /** How many steps that can branch come before. */
  readonly depth: number;
  /** Names of the steps whose outputs a later template asks for. */
  readonly kept: ReadonlySet<string>;
}

/** The flow with its new output, or a branch for each element of it; without any it is dropped. */
export function outgoing(
  flow: Flow,
  output: StepOutput,
  record: StepRecord,
  { depth, kept }: OutgoingOptions,
): readonly Flow[] {
  if (typeof output === 'string') return [advanced(flow, output, record, kept)];
  if (output.length === 0) return [dropped(flow, record)];
  return output.map((element, position) => ({
    ...advanced(flow, element, record, kept),
    branch: subBranch(flow.branch, depth, position),
  }));
}

/** Of a result that an earlier attempt at the run has left. Names and types may have changed since. */
export function replayed(record: StepRecord, { name, type }: StepRef, identity: StepIdentity): StepRecord {
  return { ...record, name, type, replayed: true, [IDENTITY]: identity };
}

/** Of a result that another flow got, which has its tokens and their cost. */
export function shared(record: StepRecord, { name }: StepRef, identity: StepIdentity): StepRecord {
  const { usage: _, toolCalls: __, costUsd: ___, ...rest } = record;
  return { ...rest, name, ms: 0, attempts: 0, shared: true, [IDENTITY]: identity };
}

/** All branches of a flow are in memory at once. */
const MOST_ELEMENTS = 100_000;

/**
 * The elements of an output that is a JSON array: the text of a string, any other value as it stands there.
 * Throws a `bad_output` StepFailure where it is none (another attempt may bring one), or one that is too long or too deep.
 */
export function elementsOf(output: string): readonly string[] {
  const json = unfenced(output).trim();
  const value = parsed(json);
  if (!Array.isArray(value)) throw noArray(excerpt(output));
  if (value.length > MOST_ELEMENTS)
    throw tooMuch(`has ${value.length} elements; at most ${MOST_ELEMENTS} can`);
  if (isDeeperThan(MOST_JSON_LEVELS, value))
    throw tooMuch(`is nested deeper than the ${MOST_JSON_LEVELS} levels that can`);
  const texts = elementTexts(json);
  return value.map((element, index) => asText(element, texts[index]));
}

/** Another attempt would hardly bring less. */
function tooMuch(what: string): StepFailure {
  const message = `the JSON array ${what} become branches`;
  return new StepFailure('bad_output', message, { retryable: 'once' });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noArray(`${excerpt(text)} (${messageOf(error)})`);
  }
}

function noArray(got: string): StepFailure {
  const message = `expected a JSON array, since \`array\` is true; got ${got}`;
  return new StepFailure('bad_output', message, { retryable: true });
}

function asText(element: unknown, text = ''): string {
  return (typeof element === 'string' ? element : text).toWellFormed();
}

function excerpt(text: string): string {
  const start = text.trim().slice(0, 60);
  return start ? JSON.stringify(start) : 'nothing';
}
