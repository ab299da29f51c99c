import {
  concat,
  defer,
  EMPTY,
  from,
  ignoreElements,
  mergeMap,
  Observable,
  type Subject,
  tap,
  throwError,
} from 'rxjs';
import { resultCacheFor } from '../cache/result-cache.js';
import { RunContext } from '../context/run-context.js';
import { INTERRUPTED } from '../context/stop.js';
import { UsageLog } from '../cost/usage-log.js';
import type { RunEvent } from '../flow/events.js';
import { type Flow, type FlowCounts, noFlows } from '../flow/flow.js';
import type { ResultRecord } from '../flow/record.js';
import { NOTHING, type Spending } from '../flow/spending.js';
import type { Combination } from '../inputs/product.js';
import { Gate, type StepBounds } from '../lanes/gate.js';
import type { Lanes } from '../lanes/lanes.js';
import { pull, Slots } from '../operators/slots.js';
import type { Prepared } from '../prepare/prepare.js';
import type { UncheckedOptions } from '../run-options.js';
import type { Step } from '../step/step.js';
import type { Store } from '../store/contract.js';
import { type DeliveryOptions, delivered, InOrder } from './delivery.js';
import { pipeline } from './pipeline.js';
import { Source, unfinishedFirst } from './source.js';
import { affordable, BudgetWatch, budgetGuardFor, stopAtExhaustion, stopAtFailures } from './stop.js';

/** The parts of a run. */
export interface Execution {
  readonly prepared: Prepared;
  readonly store: Store | undefined;
  readonly options: UncheckedOptions;
  readonly events: Subject<RunEvent>;
  /** Positions of the flows to run. Default: all of them. */
  readonly only?: ReadonlySet<number> | undefined;
  /** Usage of earlier sessions; read only when the run has a budget. */
  readonly before?: Spending | undefined;
}

/**
 * The engine: each config step becomes an RxJS operator (`pipeline`), composed with `mergeMap(…, parallel)` over an
 * observable of cartesian-expanded flows. (The progress log is a scanned side-stream of the events: progress/progress.ts.)
 *
 * A flow is made when a slot is free, and holds its slot until its records are delivered.
 */
function recordsOf(
  { steps, parallel, identify }: Prepared,
  combinations: Source,
  runContext: RunContext,
  delivery: DeliveryOptions,
): Observable<ResultRecord> {
  const throughSteps = pipeline(steps, runContext);
  const journey = (flow: Flow) => throughSteps(flow).pipe(delivered(flow, runContext, delivery));
  const flowOf = (combination: Combination) => identify(combination, runContext.tick());
  const slots = new Slots(parallel);
  return pull(combinations, slots).pipe(
    mergeMap((each) => slots.hold(identified(flowOf(each), runContext, journey)), parallel),
  );
}

/** A run: the records of its flows, the watches that may stop it early, and the end of its store. */
export function execute({
  prepared,
  store,
  options,
  events,
  only,
  before = NOTHING,
}: Execution): Observable<ResultRecord> {
  const { steps, parallel, read, kept, total, combinations, lanes } = prepared;
  const usageLog = new UsageLog((call) => store?.saveCall?.(call));
  const budgetGuard = budgetGuardFor(options, before, usageLog);
  const gate = new Gate(parallel, boundsOf(steps, lanes, budgetGuard !== undefined));
  const resultCache = resultCacheFor(steps, store);
  const { timeout, onStop, onLimit, signal, drain, maxFailures, deliver } = options;
  const runContext = new RunContext({
    gate,
    events,
    read,
    kept,
    timeout,
    resultCache,
    usageLog,
    budgetGuard,
    onStop,
  });
  // With a budget, replay finished flows first: their usage calibrates the estimates. An uncounted source can be iterated once.
  const wasDone = options.ordered || budgetGuard || total === null ? undefined : store?.wasDone;
  const inOrder = wasDone ? unfinishedFirst(combinations, wasDone) : combinations;
  const source = new Source(inOrder, total, runContext, only);
  const fits = budgetGuard && affordable(budgetGuard, steps, store);
  const budget = budgetGuard && fits && new BudgetWatch({ budgetGuard, runContext, source, onLimit, fits });
  const end: End = store ? endOf(store, prepared, runContext, events) : async () => {};
  const order = options.ordered ? new InOrder() : undefined;
  const delivery = { deliver, order, lastStep: steps.at(-1)?.name };
  return new Observable((results) => {
    // Added first, so run first: ending work must not admit waiting work.
    results.add(() => runContext.abandon());
    results.add(onAbort(signal, () => runContext.interrupt()));
    results.add(onAbort(drain, () => runContext.stop(INTERRUPTED)));
    if (budget) results.add(budget.watch());
    results.add(stopAtExhaustion(lanes.exhausted$, source, runContext));
    if (maxFailures) results.add(stopAtFailures(maxFailures, only?.size ?? total, events, runContext));
    // Unsubscribing closes the store, too.
    results.add(() => void end('broken off').catch(() => {}));
    store?.failed.catch((error) => runContext.fault(error));
    concat(
      recordsOf(prepared, source, runContext, delivery),
      defer(() => {
        budget?.end();
        return EMPTY;
      }),
      defer(() => from(end(only ? 'pilot' : 'completed')).pipe(ignoreElements())),
      defer(() => (runContext.stopped?.error ? throwError(() => runContext.stopped?.error) : EMPTY)),
    ).subscribe(results);
  });
}

/** The journey of a flow whose files may still have to be hashed. */
function identified(
  flow: Flow | Promise<Flow>,
  runContext: RunContext,
  journey: (flow: Flow) => Observable<ResultRecord>,
): Observable<ResultRecord> {
  if (!(flow instanceof Promise)) return journey(flow);
  return from(flow).pipe(
    tap(() => runContext.tick()),
    mergeMap(journey),
  );
}

function boundsOf(steps: readonly Step[], lanes: Lanes, limited: boolean): StepBounds[] {
  return steps.map((step) => {
    if (step.kind !== 'run') return {};
    const paid = limited && step.pricing !== undefined;
    return { cap: step.parallel, lane: step.lane && lanes.of(step.lane), paid };
  });
}

/** Closes the store; `how` is recorded as the run's end unless something stopped the run. */
type End = (how: 'completed' | 'pilot' | 'broken off') => Promise<void>;

/** Closes the store with the outcome of the run. */
function endOf(store: Store, { inputs }: Prepared, runContext: RunContext, events: Subject<RunEvent>): End {
  const flows = tallyOf(events);
  return (how) => store.close({ how: runContext.stopped?.why ?? how, flows, inputs: inputs() });
}

function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted) act();
  signal?.addEventListener('abort', act, { once: true });
  return () => signal?.removeEventListener('abort', act);
}

/** Counts while it is subscribed to the events. */
function tallyOf(events$: Observable<RunEvent>): FlowCounts {
  const counts = noFlows();
  events$.subscribe((event) => {
    if (event.type === 'finish') counts[event.status]++;
  });
  return counts;
}
