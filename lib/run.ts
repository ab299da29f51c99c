import {
  concat,
  defer,
  filter,
  from,
  fromEvent,
  ignoreElements,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  takeUntil,
  throwError,
} from 'rxjs';
import { Engine } from './engine.js';
import type { RunEvent } from './events.js';
import { Gate } from './gate.js';
import type { Combination } from './inputs/product.js';
import { journey } from './journey.js';
import { admit } from './operators/admit.js';
import { afterTeardown } from './operators/after-teardown.js';
import { type Prepared, prepare } from './prepare.js';
import type { ResultRecord } from './record.js';
import type { RunOptions, UncheckedOptions } from './run-options.js';
import { Turns } from './turns.js';

/** A run that starts when its results are subscribed. */
export interface Run {
  /**
   * Starts the run when subscribed, once. Emits a record for each flow (or branch) as it ends, and completes after the
   * last one. Errors with a ConfigError before anything is started. Unsubscribing cancels everything, silently.
   */
  readonly results$: Observable<ResultRecord>;
  /** What happens meanwhile; hot, and completes with `results$`. */
  readonly events$: Observable<RunEvent>;
}

/** Sends every combination of the keys through the steps. Nothing happens before `results$` is subscribed. */
export function run(options: RunOptions): Run {
  return runUnchecked(options);
}

/** The same for steps of which nothing is known yet. */
export function runUnchecked(options: UncheckedOptions): Run {
  const events = new Subject<RunEvent>();
  let started = false;
  const results$ = defer(() => {
    if (started)
      return throwError(() => new Error('results$ was subscribed twice: call run() again to run again'));
    started = true;
    return start(options, events);
  });
  return { results$, events$: events.asObservable() };
}

function start(options: UncheckedOptions, events: Subject<RunEvent>): Observable<ResultRecord> {
  const preparing = prepare(options, finishes(events));
  const close = () => preparing.then((prepared) => prepared.close(), ignore);
  return from(preparing).pipe(
    takeUntil(aborted(options?.signal)),
    mergeMap((prepared) => concat(execute(prepared, options, events), defer(close).pipe(ignoreElements()))),
    afterTeardown(() => {
      events.complete();
      void close();
    }),
  );
}

/** The flows that have ended. */
function finishes(events: Subject<RunEvent>): Observable<string> {
  return events.pipe(
    filter(({ type }) => type === 'finish'),
    map(({ flow }) => flow),
  );
}

/** The only place that pulls: a flow is made when a slot is free. */
function execute(
  prepared: Prepared,
  options: UncheckedOptions,
  events: Subject<RunEvent>,
): Observable<ResultRecord> {
  const { steps, parallel, identify } = prepared;
  const caps = steps.map((step) => (step.kind === 'run' ? step.parallel : undefined));
  const { read, kept } = prepared;
  const engine = new Engine({ gate: new Gate(parallel, caps), events, read, kept, timeout: options.timeout });
  const travel = journey(steps, engine, {
    deliver: options.deliver,
    turns: options.ordered ? new Turns() : undefined,
  });
  const source = new Source(prepared.combinations, engine);
  options.onStart?.({ steps: steps.map(({ name }) => name), total: prepared.total });
  return new Observable((results) => {
    // Added first, so run first: what ends must not let in what waits.
    results.add(() => engine.abandon());
    results.add(cancelOnAbort(engine, options.signal));
    const records$ = admit(source, parallel, (combination) => travel(identify(combination, engine.tick())));
    concat(
      records$,
      defer(() => source.failure$),
    ).subscribe(results);
  });
}

/** The combinations while the run isn't cancelled. When the user's values throw, what is in flight still finishes. */
class Source implements Iterable<Combination> {
  readonly #combinations: Iterable<Combination>;
  readonly #engine: Engine;
  #failure: { readonly error: unknown } | undefined;

  constructor(combinations: Iterable<Combination>, engine: Engine) {
    this.#combinations = combinations;
    this.#engine = engine;
  }

  *[Symbol.iterator](): Generator<Combination> {
    try {
      for (const combination of this.#combinations) {
        if (this.#engine.cancelled) return;
        yield combination;
      }
    } catch (error) {
      this.#failure = { error };
    }
  }

  get failure$(): Observable<never> {
    const failure = this.#failure;
    return failure ? throwError(() => failure.error) : from([]);
  }
}

function cancelOnAbort(engine: Engine, signal: AbortSignal | undefined): () => void {
  const cancel = () => engine.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return () => signal?.removeEventListener('abort', cancel);
}

/** Emits when the signal aborts, or has. */
function aborted(signal: AbortSignal | undefined): Observable<unknown> {
  if (!signal) return NEVER;
  return signal.aborted ? of(true) : fromEvent(signal, 'abort');
}

function ignore(): void {}
