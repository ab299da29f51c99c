import { defer, mergeMap, type Observable } from 'rxjs';
import { pull, Slots } from './slots.js';

/**
 * Projects each item into an observable and merges them, at most `parallel` at once.
 *
 * Unlike `from(items).pipe(mergeMap(project, parallel))`, which drains an eager source into its buffer, an item is
 * *pulled* only when a slot is free: never more than `parallel` are taken beyond those whose inner has ended.
 * A slot is free again when the inner's teardown has run. Inners may end synchronously, in any number: pulling is
 * a loop, not a recursion. Unsubscribing closes the iterator. Errors of the iterable, of `project` and of an inner
 * are errors of the result.
 *
 * @param parallel a whole number from 1 up
 */
export function admit<T, R>(
  items: Iterable<T>,
  parallel: number,
  project: (item: T) => Observable<R>,
): Observable<R> {
  return defer(() => {
    const slots = new Slots(parallel);
    return pull(items, slots).pipe(mergeMap((item) => slots.hold(project(item)), parallel));
  });
}
