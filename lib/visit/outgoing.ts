import { subBranch } from '../flow/branches.js';
import {
  advanced,
  dropped,
  type Flow,
  IDENTITY,
  type Place,
  type StepIdentity,
  type StepOutput,
  type StepRecord,
} from '../flow/flow.js';

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
export function replayed(record: StepRecord, { name, type }: Place, identity: StepIdentity): StepRecord {
  return { ...record, name, type, replayed: true, [IDENTITY]: identity };
}

/** Of a result that another flow got, which has its tokens and their cost. */
export function shared(record: StepRecord, { name }: Place, identity: StepIdentity): StepRecord {
  const { usage: _, toolCalls: __, costUsd: ___, ...rest } = record;
  return { ...rest, name, ms: 0, attempts: 0, shared: true, [IDENTITY]: identity };
}
