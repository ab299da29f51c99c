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
  type Observable,
  of,
  Subject,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import { definitionsOf } from './cache/cache-keys.js';
import { INTERRUPTED } from './context/stop.js';
import { execute } from './engine/execute.js';
import { countDone } from './engine/source.js';
import { isLimited } from './engine/stop.js';
import type { RunEvent } from './flow/events.js';
import { noFlows } from './flow/flow.js';
import type { ResultRecord } from './flow/record.js';
import type { Spending } from './flow/spending.js';
import { afterTeardown } from './operators/after-teardown.js';
import { type Prepared, prepare } from './prepare/prepare.js';
import type { PlanLimit, RunPlan } from './progress/progress.js';
import type { RunOptions, UncheckedOptions } from './run-options.js';
import type { Step } from './step/step.js';
import type { Store } from './store/contract.js';
import { held } from './store/held.js';
import { sumUsd } from './util/dollars.js';
import { isSignal } from './util/values.js';

/** A run that starts when its results are subscribed. */
export interface Run {
  /**
   * Starts the run when subscribed, once. Emits a record for each flow (or branch) as it ends, and completes after the
   * last one. Errors with a ConfigError before anything is started. Unsubscribing cancels everything, silently.
   */
  readonly results$: Observable<ResultRecord>;
  /** The events of the run; hot, and completes with `results$`. */
  readonly events$: Observable<RunEvent>;
}

/** Sends every combination of the keys through the steps. Nothing happens before `results$` is subscribed. */
export function run(options: RunOptions): Run {
  return runUnchecked(options);
}

/**
 * The same for steps of which nothing is known yet.
 *
 * @param only positions of the flows that alone are run; default: all of them
 */
export function runUnchecked(options: UncheckedOptions, only?: ReadonlySet<number>): Run {
  const events = new Subject<RunEvent>();
  let started = false;
  const results$ = defer(() => {
    if (started)
      return throwError(() => new Error('results$ was subscribed twice: call run() again to run again'));
    started = true;
    return start(options, events, only);
  });
  return { results$, events$: events.asObservable() };
}

function start(
  options: UncheckedOptions,
  events: Subject<RunEvent>,
  only: ReadonlySet<number> | undefined,
): Observable<ResultRecord> {
  const over = new AbortController();
  const preparing = prepare(options, finishes(events), over.signal);
  const close = () => preparing.then((prepared) => prepared.close(), ignore);
  let opening: Promise<Store | undefined> | undefined;
  /** Closes a store that the run opened but never used. */
  const letGo = async () => (await opening)?.close({ how: 'broken off', flows: noFlows(), inputs: {} });
  return from(preparing).pipe(
    takeUntil(aborted(options?.signal).pipe(tap(() => options.onStop?.(INTERRUPTED)))),
    mergeMap(async (prepared) => {
      opening = openStore(options, prepared);
      const store = await opening;
      const before = isLimited(options) ? await spentBefore(store, options) : undefined;
      const plan = planOf(prepared, store);
      if (plan.doneBefore) prepared.lanes.trust();
      options.onStart?.(plan);
      return { prepared, store, before };
    }),
    mergeMap(({ prepared, store, before }) =>
      concat(
        execute({ prepared, store, options, events, only, before }),
        defer(close).pipe(ignoreElements()),
      ),
    ),
    afterTeardown(() => {
      over.abort();
      events.complete();
      void close();
      void letGo().catch(ignore);
    }),
  );
}

function planOf(prepared: Prepared, store?: Store): RunPlan {
  const { steps, total, lanes } = prepared;
  const doneBefore = doneBeforeIn(prepared, store);
  return {
    steps: steps.map(({ name }) => name),
    total,
    doneBefore,
    waits: () => lanes.waits(),
    limits: () => limitsIn(prepared),
  };
}

function limitsIn({ steps, lanes }: Prepared): PlanLimit[] {
  const laneOf = (step: Step) => (step.kind === 'run' && step.lane ? lanes.of(step.lane) : null);
  return lanes.limits().map(({ lane, ...limit }) => ({
    ...limit,
    steps: steps.flatMap((step, index) => (laneOf(step) === lane ? [index] : [])),
  }));
}

/** How many flows have only to be replayed: none where a step can't be recognised, which then runs again for all of them. */
function doneBeforeIn({ steps, total, combinations }: Prepared, store: Store | undefined): number {
  const isRecognisable = steps.every((step) => step.kind === 'operator' || step.fingerprint);
  if (!store?.wasDone || total === null || !isRecognisable) return 0;
  return countDone(combinations, store.wasDone);
}

async function openStore({ store }: UncheckedOptions, prepared: Prepared): Promise<Store | undefined> {
  const opened =
    typeof store === 'function' ? await store(planOf(prepared), definitionsOf(prepared.steps)) : store;
  return opened && held(opened);
}

/** The usage that the budget starts with. A rehearsal's notional cost never counts against a real budget. */
async function spentBefore(
  store: Store | undefined,
  { maxCost, simulate, onNotice }: UncheckedOptions,
): Promise<Spending | undefined> {
  const spent = await store?.spent?.();
  if (!spent) return undefined;
  const sums = [spent, ...(simulate && spent.simulated ? [spent.simulated] : [])];
  const unknown = sums.reduce((sum, { unknown }) => sum + unknown, 0);
  if (unknown > 0 && maxCost !== undefined)
    onNotice?.(
      `the cost of ${unknown} calls in earlier sessions is unknown; --max-cost doesn't include them`,
    );
  return {
    tokens: sums.reduce((sum, { tokens }) => sum + tokens, 0),
    costUsd: sumUsd(sums.map(({ costUsd }) => costUsd)),
  };
}

/** The flows that have ended. */
function finishes(events: Subject<RunEvent>): Observable<string> {
  return events.pipe(
    filter(({ type }) => type === 'finish'),
    map(({ flow }) => flow),
  );
}

/** Emits when the signal aborts, or has. */
function aborted(signal: AbortSignal | undefined): Observable<unknown> {
  if (!isSignal(signal)) return NEVER;
  return signal.aborted ? of(true) : fromEvent(signal, 'abort');
}

function ignore(): void {}
