import assert from 'node:assert/strict';
import { NEVER, startWith, VirtualTimeScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { throttleLatest } from '../../lib/operators/throttle-latest.js';

describe('throttleLatest', () => {
  const rows: [title: string, source: string, expected: string][] = [
    ['never', '-', '-'],
    ['empty', '|', '|'],
    ['one', 'a--|', 'a--|'],
    ['the first at once, the latest after the pause', 'abcd------|', 'a----d----|'],
    ['the last value at once on completion', 'ab|', 'a-(b|)'],
    ['nothing twice when it completes in a pause', 'a-|', 'a-|'],
    ['a value after a quiet time at once', 'a---------b---|', 'a---------b---|'],
    ['an error at once, dropping what waits', 'ab#', 'a-#'],
  ];
  for (const [title, source, expected] of rows) {
    it(`lets through: ${title}`, () => {
      const scheduler = new TestScheduler((actual, wanted) => assert.deepEqual(actual, wanted));
      scheduler.run(({ hot, expectObservable }) => {
        expectObservable(hot(source).pipe(throttleLatest(5, scheduler))).toBe(expected);
      });
    });
  }

  it('leaves no timer behind when the consumer unsubscribes', () => {
    const scheduler = new TestScheduler((actual, wanted) => assert.deepEqual(actual, wanted));
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('ab---c--d');
      expectObservable(source.pipe(throttleLatest(5, scheduler)), '---!').toBe('a---');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
    const clock = new VirtualTimeScheduler();
    NEVER.pipe(startWith('a'), throttleLatest(5, clock)).subscribe().unsubscribe();
    clock.flush();
    assert.equal(clock.now(), 0);
  });
});
