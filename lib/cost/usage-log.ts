import type { Spending } from '../flow/spending.js';
import type { StoredCall } from '../store/contract.js';

/** A call that was written down. */
export type CallId = StoredCall['call'];

/** Logs the usage of calls, so that a resume knows it. */
export class UsageLog {
  readonly #save: (call: StoredCall) => void;
  readonly #session = Date.now();
  #calls = 0;

  constructor(save: (call: StoredCall) => void) {
    this.#save = save;
  }

  /** A call is about to be made: should its end never be known, it counts as expected. */
  begin(estimate: Spending): CallId {
    const call = this.#next();
    this.#save({ call, ...estimate, open: true });
    return call;
  }

  /** The call has ended. */
  end(call: CallId, used: Spending): void {
    this.#save({ call, ...used });
  }

  /** A call that wasn't written down before has ended. */
  add(used: Spending): void {
    this.end(this.#next(), used);
  }

  #next(): CallId {
    return [this.#session, this.#calls++];
  }
}
