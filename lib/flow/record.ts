import { sumUsd } from '../util/dollars.js';
import type { Flow, FlowError, FlowStatus, Input, StepRecord, Usage } from './flow.js';
import { addUsage, NO_USAGE } from './usage.js';

/** The result of each flow, or of each of its branches: one line of NDJSON. */
export interface ResultRecord {
  readonly flow: string;
  readonly index: number;
  /** Present where the flow branched. */
  readonly branch?: readonly number[];
  readonly inputs: Readonly<Record<string, Input>>;
  readonly status: FlowStatus;
  /** The last step's output; null unless done. */
  readonly output: string | null;
  /** The final message file, when the last step wrote one. */
  readonly path: string | null;
  /** Present where any of its answers came from the embedded stand-in. */
  readonly simulated?: true;
  readonly steps: readonly StepRecord[];
  /** From admission to the end, in milliseconds. */
  readonly ms: number;
  /** The sum over its steps. */
  readonly usage: Usage;
  /** The cost of that, in dollars; null if that of any step is unknown. */
  readonly costUsd: number | null;
  readonly error: FlowError | null;
}

/** Takes a record; the flow keeps its slot until this has settled. */
export type Deliver = (record: ResultRecord) => void | Promise<void>;

/**
 * The record of a flow that has passed (or gone past) all steps. Key order is part of the record.
 *
 * @param lastStep the name of the last one; undefined where there is none
 */
export function toRecord(flow: Flow, lastStep: string | undefined, now: number): ResultRecord {
  const { id, index, branch, inputs, status, output, steps, startedAt, error } = flow;
  const done = status === 'live';
  const last = steps.at(-1);
  const simulated = steps.some((step) => step.simulated);
  return {
    flow: id,
    index,
    ...(branch.length > 0 ? { branch } : undefined),
    inputs,
    status: done ? 'done' : status,
    output: done ? output : null,
    path: (done && last?.name === lastStep && last?.path) || null,
    ...(simulated ? { simulated } : undefined),
    steps,
    ms: now - startedAt,
    usage: steps.reduce((sum, { usage }) => (usage ? addUsage(sum, usage) : sum), NO_USAGE),
    costUsd: steps.some(isPaid) ? sumUsd(steps.map(costOf)) : 0,
    error,
  };
}

/** True if all its results are those of an earlier session. */
export function isReplayed({ steps }: Pick<ResultRecord, 'steps'>): boolean {
  return steps.length > 0 && steps.every(({ replayed }) => replayed);
}

function isPaid({ usage, costUsd }: StepRecord): boolean {
  return usage !== undefined || costUsd !== undefined;
}

/** Tokens without a price have an unknown cost; a step without tokens asked no model. */
function costOf({ usage, costUsd }: StepRecord): number | null {
  if (costUsd !== undefined) return costUsd;
  return usage ? null : 0;
}
