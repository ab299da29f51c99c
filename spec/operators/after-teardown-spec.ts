import assert from 'node:assert/strict';
import { EMPTY, mergeMap, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { afterTeardown } from '../../lib/operators/after-teardown.js';

describe('afterTeardown', () => {
  it('calls back once after the teardown of inners that came late', () => {
    const log: string[] = [];
    const arrivals = new Subject<number>();
    const inner = (item: number) =>
      new Observable((subscriber) => subscriber.add(() => log.push(`inner ${item}`)));
    const subscription = arrivals
      .pipe(
        mergeMap(inner),
        afterTeardown(() => log.push('after')),
      )
      .subscribe();
    arrivals.next(1);
    arrivals.next(2);
    subscription.unsubscribe();
    assert.deepEqual(log, ['inner 1', 'inner 2', 'after']);
  });

  const sources: Record<string, Observable<number>> = {
    empty: EMPTY,
    one: of(1),
    error: throwError(() => 'x'),
  };
  for (const [title, source$] of Object.entries(sources)) {
    it(`calls back once: ${title}`, () => {
      const log: string[] = [];
      source$.pipe(afterTeardown(() => log.push('after'))).subscribe({
        error: () => log.push('error'),
        complete: () => log.push('complete'),
      });
      assert.deepEqual(log, [title === 'error' ? 'error' : 'complete', 'after']);
    });
  }

  it('never calls back while it goes on', () => {
    let calls = 0;
    const subscription = NEVER.pipe(afterTeardown(() => calls++)).subscribe();
    assert.equal(calls, 0);
    subscription.unsubscribe();
    assert.equal(calls, 1);
  });
});
