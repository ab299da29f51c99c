import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  concat,
  defer,
  EMPTY,
  from,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  Subject,
  take,
  throwError,
  timer,
  toArray,
} from 'rxjs';
import { admit } from '../../lib/operators/admit.js';

/** Counts what is taken and whether the iterator was closed. */
function counting(length: number) {
  const source = { taken: 0, closed: 0 };
  function* items() {
    try {
      for (let item = 0; item < length; item++) {
        source.taken++;
        yield item;
      }
    } finally {
      source.closed++;
    }
  }
  return { source, items: items() };
}

/** The ways in which an inner may behave. */
const inners = {
  synchronous: (item: number) => of(item),
  asynchronous: (item: number) => from(Promise.resolve(item)),
  slow: (item: number) => timer(1).pipe(map(() => item)),
  empty: () => EMPTY,
  multiplying: (item: number) => of(item, item, item),
  'late and multiplying': (item: number) => concat(of(item), from(nextTurn(item))),
};

describe('admit', () => {
  it('never takes more than `parallel` beyond what has ended, whatever the inners do', async () => {
    const kinds = fc.array(fc.constantFrom(...Object.values(inners)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(kinds, fc.integer({ min: 1, max: 10 }), async (kinds, parallel) => {
        const { source, items } = counting(kinds.length);
        let ended = 0;
        let active = 0;
        const project = (item: number) =>
          new Observable<number>((subscriber) => {
            active++;
            assert.ok(active <= parallel, `${active} at once`);
            assert.ok(source.taken <= ended + parallel, `${source.taken} taken, ${ended} ended`);
            subscriber.add(() => {
              active--;
              ended++;
            });
            (kinds[item] ?? inners.empty)(item).subscribe(subscriber);
          });
        await lastValueFrom(admit(items, parallel, project), { defaultValue: null });
        assert.equal(ended, kinds.length);
        assert.equal(source.closed, 1);
      }),
      { numRuns: 60 },
    );
  });

  it('takes nothing beyond `parallel` while inners never end', async () => {
    const { source, items } = counting(100);
    const subscription = admit(items, 3, () => NEVER).subscribe();
    await nextTurn();
    assert.equal(source.taken, 3);
    subscription.unsubscribe();
    assert.equal(source.closed, 1);
  });

  for (const parallel of [1, 7, 10_000]) {
    it(`emits everything, in order for synchronous inners, with parallel ${parallel}`, async () => {
      const { items } = counting(500);
      const seen = await lastValueFrom(admit(items, parallel, (item) => of(item)).pipe(toArray()));
      assert.deepEqual(seen, [...Array(500).keys()]);
    });
  }

  it('completes at once over nothing', async () => {
    assert.deepEqual(await lastValueFrom(admit([], 4, inners.synchronous).pipe(toArray())), []);
  });

  it('goes through a million synchronous inners without touching the stack', async () => {
    const { items } = counting(1_000_000);
    let count = 0;
    await new Promise<void>((complete, error) =>
      admit(items, 2, (item) => (item === 0 ? timer(1) : of(item))).subscribe({
        next: () => count++,
        complete,
        error,
      }),
    );
    assert.equal(count, 1_000_000);
  });

  it('gives timers their turn in a run made of promises alone', async () => {
    const { items } = counting(Number.POSITIVE_INFINITY);
    const subscription = admit(items, 10, inners.asynchronous).subscribe();
    await new Promise((resolve) => setTimeout(resolve, 5));
    subscription.unsubscribe();
  });

  it('unsubscribes the inners and closes the iterator when the consumer unsubscribes', () => {
    const { source, items } = counting(100);
    let closed = 0;
    const project = () => new Observable<number>((subscriber) => subscriber.add(() => closed++));
    admit(items, 5, project).subscribe().unsubscribe();
    assert.equal(closed, 5);
    assert.equal(source.taken, 5);
    assert.equal(source.closed, 1);
  });

  it('stops taking in the middle of a synchronous burst', async () => {
    const { source, items } = counting(1000);
    await lastValueFrom(admit(items, 4, inners.synchronous).pipe(take(3)));
    assert.equal(source.taken, 3);
    assert.equal(source.closed, 1);
  });

  it('passes on the error of an inner, of the projection and of the iterable, once', async () => {
    const boom = new Error('boom');
    const failing = {
      inner: () => admit([0, 1, 2, 3, 4], 2, () => throwError(() => boom)),
      projection: () =>
        admit([0, 1, 2, 3, 4], 2, () => {
          throw boom;
        }),
      iterable: () => admit(throwing(boom), 2, (item: number) => of(item)),
    };
    for (const [name, make] of Object.entries(failing)) {
      let errors = 0;
      await new Promise<void>((resolve) =>
        make().subscribe({
          error: (error) => {
            assert.equal(error, boom, name);
            errors++;
            resolve();
          },
        }),
      );
      await nextTurn();
      assert.equal(errors, 1, name);
    }
  });

  it('frees a slot for the next item only when the inner has been torn down', async () => {
    const gates = [new Subject<number>(), new Subject<number>()];
    const started: number[] = [];
    admit([0, 1], 1, (item) => {
      started.push(item);
      return gates[item] ?? EMPTY;
    }).subscribe();
    gates[0]?.next(1);
    await nextTurn();
    assert.deepEqual(started, [0]);
    gates[0]?.complete();
    await nextTurn();
    assert.deepEqual(started, [0, 1]);
  });

  it('starts anew for every subscriber', async () => {
    const twice$ = defer(() => admit([1, 2], 1, (item) => of(item)));
    assert.deepEqual(await lastValueFrom(concat(twice$, twice$).pipe(toArray())), [1, 2, 1, 2]);
  });
});

function* throwing(error: Error): Generator<number> {
  yield 1;
  throw error;
}
