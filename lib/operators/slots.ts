import { Observable } from 'rxjs';

/** How long the loop may go on admitting before timers, signals and sockets get their turn, in milliseconds. */
const TURN_MS = 10;

/** Every how many items it looks at the clock, which is slow on many machines. */
const LOOKS_AT_CLOCK = 16;

/** Emits the next item whenever a slot is free, and completes after the last one. Unsubscribing closes the iterator. */
export function pull<T>(items: Iterable<T>, slots: Slots): Observable<T> {
  return new Observable((subscriber) => {
    const iterator = items[Symbol.iterator]();
    let advancing = false;
    const next = (): IteratorResult<T> => {
      advancing = true;
      try {
        return iterator.next();
      } finally {
        advancing = false;
      }
    };
    slots.use(() => {
      if (subscriber.closed) return false;
      const { done, value } = next();
      if (done) subscriber.complete();
      else subscriber.next(value);
      return !done;
    }, subscriber.error.bind(subscriber));
    subscriber.add(() => {
      slots.close();
      if (!advancing) iterator.return?.();
    });
    slots.fill();
  });
}

/** At most so many items in flight, and the loop that pulls the next ones. Of one subscription. */
export class Slots {
  #free: number;
  #state: 'idle' | 'scheduled' | 'filling' | 'closed' = 'idle';
  #turnEnds = performance.now() + TURN_MS;
  #taken = 0;
  #immediate: NodeJS.Immediate | undefined;
  #takeOne: () => boolean = () => false;
  #fail: (error: unknown) => void = () => {};

  constructor(count: number) {
    this.#free = count;
  }

  use(takeOne: () => boolean, fail: (error: unknown) => void): void {
    this.#takeOne = takeOne;
    this.#fail = fail;
  }

  /** The observable, with a slot that is free again when its teardown has run. */
  hold<R>(inner$: Observable<R>): Observable<R> {
    return new Observable((subscriber) => {
      // Added first, so run first: mergeMap counts the inner as ended only after its teardown, hence the
      // slot's return only schedules the next pull.
      subscriber.add(() => this.#release());
      inner$.subscribe(subscriber);
    });
  }

  #release(): void {
    this.#free++;
    if (this.#state !== 'idle') return;
    this.#state = 'scheduled';
    queueMicrotask(() => this.fill());
  }

  fill(): void {
    if (this.#state === 'closed') return;
    this.#state = 'filling';
    try {
      while (this.#free > 0) {
        if (++this.#taken % LOOKS_AT_CLOCK === 0 && performance.now() > this.#turnEnds) {
          this.#fillNextTurn();
          return;
        }
        this.#free--;
        if (!this.#takeOne()) {
          this.close();
          return;
        }
      }
      this.#state = 'idle';
    } catch (error) {
      this.close();
      this.#fail(error);
    }
  }

  close(): void {
    this.#state = 'closed';
    if (this.#immediate) clearImmediate(this.#immediate);
  }

  /** A run made of promises alone never leaves the microtask queue by itself. */
  #fillNextTurn(): void {
    this.#state = 'scheduled';
    this.#immediate = setImmediate(() => {
      this.#turnEnds = performance.now() + TURN_MS;
      this.fill();
    });
  }
}
