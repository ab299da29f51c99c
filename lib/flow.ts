import type { FailureKind, StepFailure } from './errors.js';

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
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export type StepStatus = 'done' | 'failed' | 'cancelled';

/** What a step tells about its work beside its output, on success and on failure. */
export interface StepFacts {
  readonly usage?: Usage;
  readonly model?: string;
  readonly requestId?: string;
  /** Absolute or run-relative path of the final message file, codex only. */
  readonly path?: string;
  /** The answer came from the embedded stand-in. */
  readonly simulated?: true;
}

/** One visited step in a flow's record (contract: key order is fixed in record.ts). */
export interface StepRecord extends StepFacts {
  readonly name: string;
  readonly type: string;
  readonly status: StepStatus;
  /** When its work began (not its waiting), milliseconds since the epoch. */
  readonly startedAt: number;
  /** How long its work took, in milliseconds: all attempts, without the waits between them. */
  readonly ms: number;
  readonly attempts: number;
}

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
  readonly status: 'live' | 'failed' | 'cancelled';
  readonly steps: readonly StepRecord[];
  /** Outputs of earlier steps that a later template asks for, by step name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly error: FlowError | null;
  /** When it was admitted, milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The flow with its present output kept for the templates of later steps, as the output of `step`. */
export function withKept(flow: Flow, step: string): Flow {
  return { ...flow, outputs: { ...flow.outputs, [step]: flow.output } };
}

/** Where a failure happened. */
export interface Place {
  readonly name: string;
  readonly type: string;
}

/** The flow after a step failed; it keeps everything it had, and travels on as data. */
export function failed(flow: Flow, failure: StepFailure, place: Place | null, attempts: number): Flow {
  return {
    ...flow,
    status: failure.kind === 'cancelled' ? 'cancelled' : 'failed',
    error: {
      step: place?.name ?? null,
      type: place?.type ?? null,
      kind: failure.kind,
      message: failure.message,
      ...(failure.hint !== undefined && { hint: failure.hint }),
      ...(failure.status !== undefined && { status: failure.status }),
      ...(failure.exitCode !== undefined && { exitCode: failure.exitCode }),
      attempts,
    },
  };
}
