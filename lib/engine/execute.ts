import { concat, defer, EMPTY, from, ignoreElements, Observable, type Subject, throwError } from 'rxjs';
import { memoryOf } from '../cache/result-cache.js';
import { Engine } from '../context/run-context.js';
import { INTERRUPTED } from '../context/stop.js';
import { Book } from '../cost/book.js';
import { NOTHING, type Spending } from '../cost/spending.js';
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
import { Turns } from './delivery.js';
import { journey } from './pipeline.js';
import { Source, unfinishedFirst } from './source.js';
import { affordable, BudgetWatch, purseOf, stopAtExhaustion, stopAtFailures } from './stop.js';

/** What a run is made of. */
export interface Execution {
  readonly prepared: Prepared;
  readonly store: Store | undefined;
  readonly options: UncheckedOptions;
  readonly events: Subject<RunEvent>;
  /** Positions of the flows that alone are run. Default: all of them. */
  readonly only?: ReadonlySet<number> | undefined;
  /** What earlier sittings used up; asked for where that is limited. */
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
  const book = new Book((call) => store?.saveCall?.(call));
  const purse = purseOf(options, before, book);
  const gate = new Gate(parallel, boundsOf(steps, lanes, purse !== undefined));
  const memory = memoryOf(steps, store);
  const { timeout, onStop, onLimit, signal, drain, maxFailures } = options;
  const engine = new Engine({ gate, events, read, kept, timeout, memory, book, purse, onStop });
  const turns = options.ordered ? new Turns() : undefined;
  const travel = journey(steps, engine, { deliver: options.deliver, turns });
  // Under a budget what was done goes first: it teaches what calls use. What nobody can count may be gone through only once.
  const wasDone = options.ordered || purse || total === null ? undefined : store?.wasDone;
  const inOrder = wasDone ? unfinishedFirst(combinations, wasDone) : combinations;
  const source = new Source(inOrder, total, engine, only);
  const fits = purse && affordable(purse, steps, store);
  const budget = purse && fits && new BudgetWatch({ purse, engine, source, onLimit, fits });
  const end: End = store ? endOf(store, prepared, engine, events) : async () => {};
  return new Observable((results) => {
    // Added first, so run first: what ends must not let in what waits.
    results.add(() => engine.abandon());
    results.add(onAbort(signal, () => engine.interrupt()));
    results.add(onAbort(drain, () => engine.stop(INTERRUPTED)));
    if (budget) results.add(budget.watch());
    results.add(stopAtExhaustion(lanes.exhausted$, source, engine));
    if (maxFailures) results.add(stopAtFailures(maxFailures, only?.size ?? total, events, engine));
    // Whoever stops to listen has the store closed all the same.
    results.add(() => void end('broken off').catch(() => {}));
    store?.failed.catch((error) => engine.fault(error));
    const records$ = admit(source, parallel, (combination) => travel(identify(combination, engine.tick())));
    concat(
      records$,
      defer(() => {
        budget?.end();
        return EMPTY;
      }),
      defer(() => from(end(only ? 'pilot' : 'completed')).pipe(ignoreElements())),
      defer(() => (engine.stopped?.error ? throwError(() => engine.stopped?.error) : EMPTY)),
    ).subscribe(results);
  });
}

function boundsOf(steps: readonly Step[], lanes: Lanes, limited: boolean): StepBounds[] {
  return steps.map((step) => {
    if (step.kind !== 'run') return {};
    const paid = limited && step.tariff !== undefined;
    return { cap: step.parallel, lane: step.lane && lanes.of(step.lane), paid };
  });
}

/** Closes the store; `how` is what became of the run if nothing stopped it. */
type End = (how: 'completed' | 'pilot' | 'broken off') => Promise<void>;

/** Closes the store with what there is to say of the run. */
function endOf(store: Store, { inputs }: Prepared, engine: Engine, events: Subject<RunEvent>): End {
  const flows = tallyOf(events);
  return (how) => store.close({ how: engine.stopped?.why ?? how, flows, inputs: inputs() });
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
