import type { Flow, FlowError, Input, StepRecord, Usage } from './flow.js';

/** How a flow or branch ended; `dropped`: it ended without any branch (a filter, an empty array). */
export type FlowStatus = 'done' | 'failed' | 'cancelled' | 'dropped';

/** A visited step in a result record. */
export interface StepResult extends Omit<StepRecord, 'startedAt'> {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** What leaves a run for each flow, or each of its branches: one line of NDJSON. */
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
  readonly steps: readonly StepResult[];
  /** From admission to the end, in milliseconds. */
  readonly ms: number;
  /** The sum over its steps. */
  readonly usage: Usage;
  readonly error: FlowError | null;
}

const NO_USAGE: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

/** The record of a flow that has passed (or gone past) all `stepCount` steps. */
export function toRecord(flow: Flow, stepCount: number, now: number): ResultRecord {
  const done = flow.status === 'live';
  const last = flow.steps.at(-1);
  return {
    flow: flow.id,
    index: flow.index,
    ...(flow.branch.length > 0 && { branch: flow.branch }),
    inputs: flow.inputs,
    status: flow.status === 'live' ? 'done' : flow.status,
    output: done ? flow.output : null,
    path: (done && flow.steps.length === stepCount && last?.path) || null,
    ...(flow.steps.some((step) => step.simulated) && { simulated: true }),
    steps: flow.steps.map(toStepResult),
    ms: now - flow.startedAt,
    usage: flow.steps.reduce((sum, step) => (step.usage ? addUsage(sum, step.usage) : sum), NO_USAGE),
    error: flow.error,
  };
}

/** The one record of a flow that ended without any. */
export function droppedRecord(flow: Flow, now: number): ResultRecord {
  return { ...toRecord(flow, 0, now), status: 'dropped', output: null, path: null };
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
  };
}

/** Key order is part of the record: what a reader looks for comes first. */
function toStepResult(step: StepRecord): StepResult {
  const { name, type, status, startedAt, ms, attempts, usage, model, requestId, path } = step;
  return {
    name,
    type,
    status,
    startedAt: isoTime(startedAt),
    ms,
    attempts,
    ...(usage && { usage }),
    ...(model !== undefined && { model }),
    ...(requestId !== undefined && { requestId }),
    ...(path !== undefined && { path }),
  };
}

let lastTime = Number.NaN;
let lastIso = '';

/** Formatting is half a microsecond; in a fast run thousands of steps share a millisecond. */
function isoTime(time: number): string {
  if (time !== lastTime) {
    lastIso = new Date(time).toISOString();
    lastTime = time;
  }
  return lastIso;
}
