import { type Flow, IDENTITY, type StepOutput, type StepRecord } from '../flow/flow.js';
import type { ResultRecord } from '../flow/record.js';
import type { Spending } from '../flow/spending.js';
import type { Step } from '../step/step.js';
import type { StepIdentity, Store, StoredStep } from '../store/contract.js';
import { type CacheKey, CacheKeys } from './cache-keys.js';
import { Coalescer } from './coalescing.js';

/** Undefined where nothing is kept and nothing shared: then keys would be made for nothing. */
export function resultCacheFor(steps: readonly Step[], store: Store | undefined): ResultCache | undefined {
  const shares = steps.some((step) => step.kind === 'run' && step.share);
  return store || shares ? new ResultCache(steps, store, shares) : undefined;
}

/** The results that a run knows: its own, and those of earlier sessions. */
export class ResultCache {
  readonly keys: CacheKeys;
  /** Undefined where no step shares. */
  readonly coalescer: Coalescer | undefined;
  readonly #store: Store | undefined;
  /** The output of the last step is the flow's: it isn't kept twice. */
  readonly #endsWithStep: boolean;

  constructor(steps: readonly Step[], store: Store | undefined, shares: boolean) {
    this.keys = new CacheKeys(steps);
    this.coalescer = shares ? new Coalescer(store) : undefined;
    this.#store = store;
    const last = steps.at(-1);
    this.#endsWithStep = last?.kind === 'run' && last.fingerprint !== undefined && last.array !== true;
  }

  /** The result that an earlier attempt at the run has left. */
  recall(identity: StepIdentity): StoredStep | null {
    return this.#store?.find(identity) ?? null;
  }

  /** Field by field: there are several a flow. */
  keepStep(identity: CacheKey, output: StepOutput, record: StepRecord, used?: Spending): void {
    const { flow, branch, occurrence, key, parts } = identity;
    this.#store?.saveStep({ flow, branch, occurrence, key, output, record, parts, used }, true);
  }

  keepEnd({ branch, steps, output }: Flow, record: ResultRecord): void {
    if (!this.#store) return;
    const { flow, index, status, ms, inputs, error } = record;
    this.#store.saveFlow({
      flow,
      branch,
      index,
      status,
      ms,
      inputs,
      error,
      steps: steps.map((step) => step[IDENTITY] ?? step),
      ...(status === 'done' ? !this.#endsWithStep && { output } : { output: null }),
    });
  }

  /** Null while the store keeps up; else a flow waits for this before it gives its slot back. */
  keepingUp(): Promise<void> | null {
    return this.#store?.ready() ?? null;
  }
}
