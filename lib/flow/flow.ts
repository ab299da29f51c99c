import type { FailureKind, StepFailure } from '../errors.js';

/** One line of a key's list (or one value) as it takes part in a flow. */
export interface Input {
  /** The path as listed; null for a value given in code. */
  readonly path: string | null;
  /** SHA-256 of the content's bytes, in hex; null when the content couldn't be read. */
  readonly sha256: string | null;
  /** The value given in code. */
  readonly value?: string;
}

/** Token counts of one or more model calls. Cached input is part of input, reasoning part of output. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Input that was written to the provider's cache; where the provider tells. */
  readonly cacheWriteInputTokens?: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** How often tools that the provider hosts were called, by their names; each call is billed beside the tokens. */
export type ToolCalls = Readonly<Record<string, number>>;

/** Usage by which one call to a model is billed. */
export interface Billed extends Usage {
  readonly toolCalls?: ToolCalls | undefined;
  /** The tier of service that answered, where it was told. */
  readonly tier?: string | undefined;
}

/** The output of a step; of one with `array`, its elements. */
export type StepOutput = string | readonly string[];

/** How a flow or branch ended; `dropped`: it ended without any branch (a filter, an empty array). */
export type FlowStatus = 'done' | 'failed' | 'cancelled' | 'dropped';

/** How many flows have ended, and how. */
export type FlowCounts = Readonly<Record<FlowStatus, number>>;

export function noFlows(): Record<FlowStatus, number> {
  return { done: 0, failed: 0, cancelled: 0, dropped: 0 };
}

export type StepStatus = 'done' | 'failed' | 'cancelled';

/** Size of a patch; lines of text only. */
export interface Changes {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** Facts that a step reports about its work beside its output, on success and on failure. */
export interface StepFacts {
  readonly usage?: Usage;
  /** Calls of hosted tools that have a fee: `{"web_search": 2}`. */
  readonly toolCalls?: ToolCalls;
  /** The tier of service that answered: `standard`, `flex`, `priority` …; where the server tells. */
  readonly tier?: string;
  /**
   * The cost of that, in dollars, by the list prices of its time; null where it is unknown. Only of steps that ask a
   * model.
   */
  readonly costUsd?: number | null;
  readonly model?: string;
  readonly requestId?: string;
  /** Absolute or run-relative path of the final message file, codex only. */
  readonly path?: string;
  /** The folder with all that the step left behind, codex only. */
  readonly folder?: string;
  /** The thread that codex worked in. */
  readonly threadId?: string;
  /** How many commands codex ran. */
  readonly commands?: number;
  /** How many commands codex had begun that didn't end before it did. */
  readonly commandsCutOff?: number;
  /** How many files codex said that it changed. */
  readonly filesChanged?: number;
  /** Path of the patch with all that codex changed in its worktree. */
  readonly patch?: string;
  /** The size of that patch. */
  readonly changes?: Changes;
  /**
   * Files that codex made in its worktree and git ignores, so that no patch has them: paths in the repository, at most
   * 100.
   */
  readonly ignored?: readonly string[];
  /** The worktree that was kept. */
  readonly worktree?: string;
  /** The answer came from the embedded stand-in. */
  readonly simulated?: true;
}

/** A visited step, as it stands in the flow and in its result record. */
export interface StepRecord extends StepFacts {
  readonly name: string;
  readonly type: string;
  readonly status: StepStatus;
  /** When its work began (not its waiting), ISO 8601. */
  readonly startedAt: string;
  /** How long its work took, in milliseconds: all attempts, without the waits between them. */
  readonly ms: number;
  /** Milliseconds that its attempts stood still, waiting for something that isn't theirs to do. */
  readonly waitedMs?: number;
  /** Another flow made the call. */
  readonly shared?: true;
  /** The result is that of an earlier attempt at the run. */
  readonly replayed?: true;
  readonly attempts: number;
  /** Cache key of the result; a symbol, so it isn't serialised. */
  readonly [IDENTITY]?: StepIdentity;
}

/** Where a result is found again: equal in all four, it is the same. */
export interface StepIdentity {
  /** The flow's id. Letters and digits. */
  readonly flow: string;
  /** The branch in which the step ran. */
  readonly branch: readonly number[];
  /** The n-th step with this key in this branch, from 0. */
  readonly occurrence: number;
  /** A hash of all that decides the result. Letters and digits. */
  readonly key: string;
}

export const IDENTITY = Symbol('identity');

/** Why a flow failed. */
export interface FlowError {
  /** The step's name; null when no step was reached. */
  readonly step: string | null;
  readonly type: string | null;
  readonly kind: FailureKind;
  readonly message: string;
  readonly hint?: string;
  readonly status?: number;
  readonly exitCode?: number;
  /** When a used-up limit is free again, ISO 8601; where the provider says so. */
  readonly resetsAt?: string;
  readonly attempts: number;
}

/**
 * One combination of inputs on its way through the steps: an immutable plain object.
 * A step returns a new one; `{ ...flow, output: 'x' }` is how an operator does it.
 */
export interface Flow {
  /** Stable across runs: a hash of the inputs' names, paths and contents (16 hex digits). */
  readonly id: string;
  /** Position in the product of the keys, from 0. */
  readonly index: number;
  /** Which branch of the flow this is; empty as long as it hasn't branched. */
  readonly branch: readonly number[];
  readonly inputs: Readonly<Record<string, Input>>;
  /** The previous step's output; empty before the first step. */
  readonly output: string;
  /** `live` while it travels; a flow that isn't live goes past the remaining steps. */
  readonly status: 'live' | 'failed' | 'cancelled' | 'dropped';
  readonly steps: readonly StepRecord[];
  /** Outputs of earlier steps that a later template asks for, by step name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly error: FlowError | null;
  /** When it was admitted, milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Where a failure happened. */
export interface StepRef {
  readonly name: string;
  readonly type: string;
}

/** The flow after a step; its output is kept where a template of a later step asks for it (`kept`: steps' names). */
export function advanced(flow: Flow, output: string, record: StepRecord, kept: ReadonlySet<string>): Flow {
  const outputs = kept.has(record.name) ? { ...flow.outputs, [record.name]: output } : flow.outputs;
  return moved(flow, flow.status, output, outputs, [...flow.steps, record], flow.error);
}

/** The flow after a step failed, or (without a record) before any: it keeps all it had, and travels on as data. */
export function failed(flow: Flow, failure: StepFailure, place: StepRef | null, record?: StepRecord): Flow {
  const steps = record ? [...flow.steps, record] : flow.steps;
  return moved(
    flow,
    statusAfter(failure),
    flow.output,
    flow.outputs,
    steps,
    toError(failure, place, record?.attempts ?? 0),
  );
}

/** A branch that a step ended without a result; it carries its cost so far. */
export function dropped(flow: Flow, record?: StepRecord): Flow {
  const steps = record ? [...flow.steps, record] : flow.steps;
  return moved(flow, 'dropped', flow.output, flow.outputs, steps, null);
}

/** How a failure ends a flow, and its step. */
export function statusAfter({ kind }: StepFailure): 'failed' | 'cancelled' {
  return kind === 'cancelled' ? 'cancelled' : 'failed';
}

/** Field by field: a spread costs five times as much, and there are several a flow. */
function moved(
  { id, index, branch, inputs, startedAt }: Flow,
  status: Flow['status'],
  output: string,
  outputs: Flow['outputs'],
  steps: Flow['steps'],
  error: FlowError | null,
): Flow {
  return { id, index, branch, inputs, output, status, steps, outputs, error, startedAt };
}

function toError(failure: StepFailure, place: StepRef | null, attempts: number): FlowError {
  const { kind, message, hint, status, exitCode, resetsAt } = failure;
  return {
    step: place?.name ?? null,
    type: place?.type ?? null,
    kind,
    message,
    ...(hint !== undefined && { hint }),
    ...(status !== undefined && { status }),
    ...(exitCode !== undefined && { exitCode }),
    ...(resetsAt !== undefined && { resetsAt: new Date(resetsAt).toISOString() }),
    attempts,
  };
}
