import type { Spending } from '../cost/spending.js';
import type { StepFailure } from '../errors.js';
import type { StepOutput, StepRecord } from '../flow/flow.js';
import type { StoredStep } from '../store/contract.js';
import type { StepKey } from './cache-keys.js';
import type { Follower, SharedResult } from './coalescing.js';
import type { Memory } from './result-cache.js';

/** A visit's claim to the result of its step: to one that is kept, or to one that flows share. */
export class Claim {
  readonly identity: StepKey;
  readonly #memory: Memory;
  /** Other flows wait for what it gets. */
  #leads = false;

  constructor(identity: StepKey, memory: Memory) {
    this.identity = identity;
    this.#memory = memory;
  }

  /** The result that an earlier attempt at the run has left. Throws where that can't be read any more. */
  recall(): StoredStep | null {
    return this.#memory.recall(this.identity);
  }

  /** A result that another flow got; null where the call is to be made, for those who join later too. */
  join(follower: Follower): SharedResult | 'follows' | null {
    const joined = this.#memory.sharing?.join(this.identity, follower) ?? null;
    this.#leads = joined === 'leads';
    return joined === 'leads' ? null : joined;
  }

  /** @param used what its call used, where that isn't written down yet */
  keep(output: StepOutput, record: StepRecord, used?: Spending): void {
    this.#memory.keepStep(this.identity, output, record, used);
  }

  /** Serves those who follow. */
  settle(result: SharedResult | StepFailure): void {
    if (this.#leads) this.#memory.sharing?.settle(this.identity, result);
  }

  /** The follower waits no more. */
  leave(follower: Follower): void {
    this.#memory.sharing?.leave(this.identity, follower);
  }
}
