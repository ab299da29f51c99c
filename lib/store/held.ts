import { NO_SUM } from '../flow/spending.js';
import { deferred } from '../util/deferred.js';
import type { Store } from './contract.js';

/**
 * Wraps a store for a run: an exception from it counts as its failure, as does its own `failed`; and it is closed once,
 * however many ways the run ends.
 */
export function held(store: Store): Store {
  const failed = deferred<never>();
  store.failed.catch(failed.reject);
  const taken = (take: () => void) => {
    try {
      take();
    } catch (error) {
      failed.reject(error);
    }
  };
  let closing: Promise<void> | undefined;
  return {
    find: store.find.bind(store),
    wasDone: store.wasDone?.bind(store),
    saveStep: (step, forLater) => taken(() => store.saveStep(step, forLater)),
    saveFlow: (flow) => taken(() => store.saveFlow(flow)),
    saveCall: (call) => taken(() => store.saveCall?.(call)),
    spent: async () => (await store.spent?.()) ?? NO_SUM,
    ready: store.ready.bind(store),
    failed: failed.promise,
    close: (end) => (closing ??= closed(store, end)),
  };
}

/** Rejects also where the store throws. */
async function closed(store: Store, end: Parameters<Store['close']>[0]): Promise<void> {
  await store.close(end);
}
