import type { StepFailure } from '../errors.js';
import type { StepOutput, StepRecord } from '../flow/flow.js';
import type { StepIdentity, Store } from '../store/contract.js';

/** A result that serves several flows. */
export interface SharedResult {
  readonly output: StepOutput;
  readonly record: StepRecord;
}

/** Waits for a call that another flow makes. */
export interface Waiter {
  /** The call has ended. */
  served(result: SharedResult | StepFailure): void;
}

/** The flow under which the store has shared results. */
const ALL_FLOWS = 'shared';

/**
 * Single flight: the first of several flows with the same call makes it. Its result serves the others: those that wait
 * for it, and later ones. A failure serves those that wait, and is forgotten.
 */
export class Coalescer {
  readonly #store: Store | undefined;
  readonly #calls = new Map<string, Set<Waiter>>();
  /** Only without a store. */
  readonly #results = new Map<string, SharedResult>();

  constructor(store: Store | undefined) {
    this.#store = store;
  }

  /** The result if there is one, else null: then the caller is to make the call if it `leads`, or else is served. */
  join(identity: StepIdentity, waiter: Waiter): SharedResult | 'leads' | 'follows' {
    const name = nameOf(identity);
    const result = this.#store ? this.#store.find(sharedIdentity(identity)) : this.#results.get(name);
    if (result) return result;
    const waiters = this.#calls.get(name);
    if (waiters) {
      waiters.add(waiter);
      return 'follows';
    }
    this.#calls.set(name, new Set());
    return 'leads';
  }

  /** Called by the one that leads. */
  settle(identity: StepIdentity, result: SharedResult | StepFailure): void {
    const name = nameOf(identity);
    if ('record' in result) this.#keep(identity, name, result);
    const waiters = this.#calls.get(name) ?? [];
    this.#calls.delete(name);
    for (const waiter of waiters) waiter.served(result);
  }

  leave(identity: StepIdentity, waiter: Waiter): void {
    this.#calls.get(nameOf(identity))?.delete(waiter);
  }

  #keep(identity: StepIdentity, name: string, { output, record }: SharedResult): void {
    if (this.#store) this.#store.saveStep({ ...sharedIdentity(identity), output, record });
    else this.#results.set(name, { output, record });
  }
}

/** Steps that are alike within one flow are different samples. */
function nameOf({ key, occurrence }: StepIdentity): string {
  return `${key} ${occurrence}`;
}

function sharedIdentity({ key, occurrence }: StepIdentity): StepIdentity {
  return { flow: ALL_FLOWS, branch: [], occurrence, key };
}
