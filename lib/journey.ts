import { from, mergeMap, Observable, type OperatorFunction, tap } from 'rxjs';
import { type Deliver, delivered, deliveredInOrder } from './delivery.js';
import type { Engine } from './engine.js';
import type { Flow } from './flow.js';
import { pipeline } from './pipeline.js';
import { droppedRecord, type FlowStatus, type ResultRecord, toRecord } from './record.js';
import type { Step } from './step.js';
import { Turns } from './turns.js';

export interface JourneyOptions {
  readonly deliver?: Deliver | undefined;
  /** Records leave in the order of the flows. */
  readonly ordered: boolean;
}

/**
 * What happens to each flow from its admission on: through the steps, into a record for each branch, delivered;
 * then its finish is announced. Completes when all of that is done: this is what a slot is held for.
 */
export function journey(
  steps: readonly Step[],
  engine: Engine,
  { deliver, ordered }: JourneyOptions,
): (flow: Flow | Promise<Flow>) => Observable<ResultRecord> {
  const throughSteps = pipeline(steps, engine);
  const turns = new Turns();
  const travel = (flow: Flow): Observable<ResultRecord> => {
    const tally = new Tally();
    return throughSteps(flow).pipe(
      recorded(flow, steps.length, tally),
      ordered ? deliveredInOrder(flow.index, turns, deliver) : delivered(deliver),
      tap({ complete: () => announceFinish(engine, flow, tally.status) }),
    );
  };
  return (flow) => (flow instanceof Promise ? from(flow).pipe(mergeMap(travel)) : travel(flow));
}

/** One record a branch; one `dropped` record where there was none. */
function recorded(flow: Flow, stepCount: number, tally: Tally): OperatorFunction<Flow, ResultRecord> {
  return (branch$) =>
    new Observable((subscriber) => {
      const emit = (record: ResultRecord) => {
        tally.add(record.status);
        subscriber.next(record);
      };
      const upstream = branch$.subscribe({
        next: (branch) => emit(toRecord(branch, stepCount, Date.now())),
        error: (fault) => subscriber.error(fault),
        complete: () => {
          if (tally.empty) emit(droppedRecord(flow, Date.now()));
          subscriber.complete();
        },
      });
      subscriber.add(upstream);
    });
}

/** From the least to the most worth telling: what one word says of all the branches of a flow. */
const SEVERITY: readonly FlowStatus[] = ['dropped', 'done', 'cancelled', 'failed'];

class Tally {
  #worst = -1;

  get empty(): boolean {
    return this.#worst < 0;
  }

  get status(): FlowStatus {
    return SEVERITY[this.#worst] ?? 'dropped';
  }

  add(status: FlowStatus): void {
    this.#worst = Math.max(this.#worst, SEVERITY.indexOf(status));
  }
}

function announceFinish(engine: Engine, flow: Flow, status: FlowStatus): void {
  engine.events.next({ type: 'finish', flow: flow.id, status, at: Date.now() });
}
