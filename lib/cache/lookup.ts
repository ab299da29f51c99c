import type { StepFailure } from '../errors.js';
import type { StepOutput, StepRecord } from '../flow/flow.js';
import type { Spending } from '../flow/spending.js';
import type { StoredStep } from '../store/contract.js';
import type { CacheKey } from './cache-keys.js';
import type { SharedResult, Waiter } from './coalescing.js';
import type { ResultCache } from './result-cache.js';

/** A step execution's claim to the result of its step: a stored one, or one that flows share. */
export class CacheLookup {
  readonly identity: CacheKey;
  readonly #resultCache: ResultCache;
  /** Other flows wait for what it gets. */
  #leads = false;

  constructor(identity: CacheKey, resultCache: ResultCache) {
    this.identity = identity;
    this.#resultCache = resultCache;
  }

  /** The result that an earlier attempt at the run has left. Throws where that can't be read any more. */
  recall(): StoredStep | null {
    return this.#resultCache.recall(this.identity);
  }

  /** A result that another flow got; null where the call is to be made, for those who join later too. */
  join(waiter: Waiter): SharedResult | 'follows' | null {
    const joined = this.#resultCache.coalescer?.join(this.identity, waiter) ?? null;
    this.#leads = joined === 'leads';
    return joined === 'leads' ? null : joined;
  }

  /** @param used usage of the call, unless it is already written */
  keep(output: StepOutput, record: StepRecord, used?: Spending): void {
    this.#resultCache.keepStep(this.identity, output, record, used);
  }

  /** Serves those who follow. */
  settle(result: SharedResult | StepFailure): void {
    if (this.#leads) this.#resultCache.coalescer?.settle(this.identity, result);
  }

  /** The follower waits no more. */
  leave(waiter: Waiter): void {
    this.#resultCache.coalescer?.leave(this.identity, waiter);
  }
}
