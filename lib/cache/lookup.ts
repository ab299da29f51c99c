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
  /** Other flows wait for its result. */
  #leads = false;

  constructor(identity: CacheKey, resultCache: ResultCache) {
    this.identity = identity;
    this.#resultCache = resultCache;
  }

  /** The result of an earlier session. Throws where it can't be read. */
  recall(): StoredStep | null {
    return this.#resultCache.recall(this.identity);
  }

  /** Another flow's result; null where this one makes the call, also for later flows. */
  join(waiter: Waiter): SharedResult | 'follows' | null {
    const joined = this.#resultCache.coalescer?.join(this.identity, waiter) ?? null;
    this.#leads = joined === 'leads';
    return joined === 'leads' ? null : joined;
  }

  /** @param used usage of the call, unless it is already written */
  keep(output: StepOutput, record: StepRecord, used?: Spending): void {
    this.#resultCache.keepStep(this.identity, output, record, used);
  }

  /** Serves the waiting flows. */
  settle(result: SharedResult | StepFailure): void {
    if (this.#leads) this.#resultCache.coalescer?.settle(this.identity, result);
  }

  /** Removes a waiting flow. */
  leave(waiter: Waiter): void {
    this.#resultCache.coalescer?.leave(this.identity, waiter);
  }
}
