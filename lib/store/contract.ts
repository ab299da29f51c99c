import type { FlowError, FlowStatus, Input, StepIdentity, StepOutput, StepRecord } from '../flow/flow.js';
import type { Spending, SpendingSum } from '../flow/spending.js';

export type { StepIdentity };

/** A step that is done, as the journal keeps it. */
export interface StoredStep extends StepIdentity {
  readonly output: StepOutput;
  readonly record: StepRecord;
  /** The parts of the key, by name. */
  readonly parts?: readonly string[] | undefined;
  /** Usage of the call that made the result, unless `saveCall` had it or there was none. */
  readonly used?: Spending | undefined;
}

/** How a flow, or one of its branches, ended. */
export interface StoredFlow {
  readonly flow: string;
  readonly branch: readonly number[];
  readonly index: number;
  readonly status: FlowStatus;
  readonly ms: number;
  readonly inputs: Readonly<Record<string, Input>>;
  /** In order: the identity of a step that is kept, the record itself of any other. */
  readonly steps: readonly (StepIdentity | StepRecord)[];
  readonly error: FlowError | null;
  /**
   * Left out where it is the output of the last step (of an array: the element that the last number of the branch
   * names). Null unless done.
   */
  readonly output?: string | null;
}

/** A call to a model, and its usage. */
export interface StoredCall extends Spending {
  /** When the session began that made it, and its number there. */
  readonly call: readonly [session: number, number: number];
  /** Logged before the call: this is its estimate, which counts if no end is logged. */
  readonly open?: true;
}

/** Usage of all calls of a run that a model answered. */
export interface StoredSpending extends SpendingSum {
  /** Notional usage of the calls that the embedded stand-in answered; left out without any. */
  readonly simulated?: SpendingSum;
}

/** How a run ended; an object for JSON. */
export interface RunEnd {
  readonly how?: string;
  /** SHA-256 of the files that it has read, by absolute path. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly [fact: string]: unknown;
}

/** Keeps the results of steps and flows, beyond the life of the process. */
export interface Store {
  /** The latest step stored under this identity; null without one. Throws a JournalError when it is damaged. */
  find(identity: StepIdentity): StoredStep | null;
  /**
   * Tells if a flow with this mark (`markOf`) was done when the store was opened; undefined where it hadn't ended.
   * Orders the run: new flows first, then unfinished ones; so it may be wrong now and then. Left out: the order is that
   * of the product.
   */
  readonly wasDone?: ((mark: number) => boolean | undefined) | undefined;
  /**
   * Takes it at once, and writes it soon. After a failure nothing is taken any more.
   *
   * @param forLater nothing reads it before the run is resumed, so it isn't indexed until then: that saves memory
   */
  saveStep(step: StoredStep, forLater?: boolean): void;
  /** As `saveStep`; a flow that equals the stored one needn't be written again. */
  saveFlow(flow: StoredFlow): void;
  /**
   * As `saveStep`, for calls that made no result, or are logged before they start. A store without it forgets what a
   * run has spent: its budget begins anew when it is resumed.
   */
  saveCall?(call: StoredCall): void;
  /**
   * Usage of earlier sessions: saved calls, and calls that made steps. Rejects with a JournalError when it can't be
   * read.
   */
  spent?(): Promise<StoredSpending>;
  /** Null as long as the disk keeps up; else resolves when it has caught up (or will never). */
  ready(): Promise<void> | null;
  /** Rejects with a WriteFailure when writing fails. */
  readonly failed: Promise<never>;
  /**
   * Writes the rest and the run's end, and releases the run. Rejects with a WriteFailure when writing fails; the run is
   * released all the same.
   */
  close(end: RunEnd): Promise<void>;
}
