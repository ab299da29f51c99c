import { concat, defer, EMPTY, from, ignoreElements, Observable, type Subject, throwError } from 'rxjs';
import { resultCacheFor } from '../cache/result-cache.js';
import { RunContext } from '../context/run-context.js';
import { INTERRUPTED } from '../context/stop.js';
import { NOTHING, type Spending } from '../cost/spending.js';
import { UsageLog } from '../cost/usage-log.js';
import type { RunEvent } from '../flow/events.js';
import { type FlowCounts, noFlows } from '../flow/flow.js';
import type { ResultRecord } from '../flow/record.js';
import { Gate, type StepBounds } from '../lanes/gate.js';
import type { Lanes } from '../lanes/lanes.js';
import { admit } from '../operators/admit.js';
import type { Prepared } from '../prepare/prepare.js';
import type { UncheckedOptions } from '../run-options.js';
import type { Step } from '../step/step.js';
import type { Store } from '../store/contract.js';
import { InOrder } from './delivery.js';
import { runFlow } from './pipeline.js';
import { Source, unfinishedFirst } from './source.js';
import { affordable, BudgetWatch, budgetGuardFor, stopAtExhaustion, stopAtFailures } from './stop.js';

/** What a run is made of. */
export interface Execution {
  readonly prepared: Prepared;
  readonly store: Store | undefined;
  readonly options: UncheckedOptions;
  readonly events: Subject<RunEvent>;
  /** Positions of the flows that alone are run. Default: all of them. */
  readonly only?: ReadonlySet<number> | undefined;
  /** What earlier sessions used up; asked for where that is limited. */
  readonly before?: Spending | undefined;
}

/** The only place that pulls: a flow is made when a slot is free. */
export function execute({
  prepared,
  store,
  options,
  events,
  only,
  before = NOTHING,
}: Execution): Observable<ResultRecord> {
  const { steps, parallel, identify, read, kept, total, combinations, lanes } = prepared;
  const usageLog = new UsageLog((call) => store?.saveCall?.(call));
  const budgetGuard = budgetGuardFor(options, before, usageLog);
  const gate = new Gate(parallel, boundsOf(steps, lanes, budgetGuard !== undefined));
  const resultCache = resultCacheFor(steps, store);
  const { timeout, onStop, onLimit, signal, drain, maxFailures } = options;
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
  const order = options.ordered ? new InOrder() : undefined;
  const travel = runFlow(steps, runContext, { deliver: options.deliver, order });
  // Under a budget what was done goes first: it teaches what calls use. What nobody can count may be gone through only once.
  const wasDone = options.ordered || budgetGuard || total === null ? undefined : store?.wasDone;
  const inOrder = wasDone ? unfinishedFirst(combinations, wasDone) : combinations;
  const source = new Source(inOrder, total, runContext, only);
  const fits = budgetGuard && affordable(budgetGuard, steps, store);
  const budget = budgetGuard && fits && new BudgetWatch({ budgetGuard, runContext, source, onLimit, fits });
  const end: End = store ? endOf(store, prepared, runContext, events) : async () => {};
  return new Observable((results) => {
    // Added first, so run first: what ends must not let in what waits.
    results.add(() => runContext.abandon());
    results.add(onAbort(signal, () => runContext.interrupt()));
    results.add(onAbort(drain, () => runContext.stop(INTERRUPTED)));
    if (budget) results.add(budget.watch());
    results.add(stopAtExhaustion(lanes.exhausted$, source, runContext));
    if (maxFailures) results.add(stopAtFailures(maxFailures, only?.size ?? total, events, runContext));
    // Whoever stops to listen has the store closed all the same.
    results.add(() => void end('broken off').catch(() => {}));
    store?.failed.catch((error) => runContext.fault(error));
    const records$ = admit(source, parallel, (combination) =>
      travel(identify(combination, runContext.tick())),
    );
    concat(
      records$,
      defer(() => {
        budget?.end();
        return EMPTY;
      }),
      defer(() => from(end(only ? 'pilot' : 'completed')).pipe(ignoreElements())),
      defer(() => (runContext.stopped?.error ? throwError(() => runContext.stopped?.error) : EMPTY)),
    ).subscribe(results);
  });
}

function boundsOf(steps: readonly Step[], lanes: Lanes, limited: boolean): StepBounds[] {
  return steps.map((step) => {
    if (step.kind !== 'run') return {};
    const paid = limited && step.pricing !== undefined;
    return { cap: step.parallel, lane: step.lane && lanes.of(step.lane), paid };
  });
}

/** Closes the store; `how` is what became of the run if nothing stopped it. */
type End = (how: 'completed' | 'pilot' | 'broken off') => Promise<void>;

/** Closes the store with what there is to say of the run. */
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
