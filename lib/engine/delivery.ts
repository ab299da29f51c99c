import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import Queue from 'yocto-queue';
import type { RunContext } from '../context/run-context.js';
import { compareBranches } from '../flow/branches.js';
import type { Flow, FlowStatus } from '../flow/flow.js';
import { type Deliver, isReplayed, type ResultRecord, toRecord } from '../flow/record.js';

export interface DeliveryOptions {
  /** The name of the last step; undefined where there is none. */
  readonly lastStep: string | undefined;
  readonly deliver?: Deliver | undefined;
  /** Records leave in flow order: each flow waits for its turn. */
  readonly order?: InOrder | undefined;
}

/** The branches of a flow become records, which are delivered: then the flow's slot is free. */
export function delivered(
  flow: Flow,
  runContext: RunContext,
  options: DeliveryOptions,
): OperatorFunction<Flow, ResultRecord> {
  return (branches$) =>
    new Observable((results) => {
      results.add(branches$.subscribe(new Delivery(flow, runContext, options, results)));
    });
}

/**
 * The end of one flow's journey: observes the branches that come out of the steps, makes a record of each (one
 * `dropped` record where there was none), delivers them, and announces the flow's finish when the last is delivered.
 */
class Delivery implements Observer<Flow> {
  readonly #flow: Flow;
  readonly #runContext: RunContext;
  readonly #options: DeliveryOptions;
  readonly #results: Subscriber<ResultRecord>;
  /** Records that wait for the one that is being delivered. */
  #waiting: Queue<ResultRecord> | undefined;
  /** Branches without a result; they make the flow's record only where no other branch does. */
  #dropped: Flow[] | undefined;
  /** Records that wait for the flow's turn. */
  readonly #held: ResultRecord[] = [];
  #status: FlowStatus | undefined;
  /** Of all its branches. */
  #isReplayed = true;
  #arriving = true;
  #delivering = false;

  constructor(
    flow: Flow,
    runContext: RunContext,
    options: DeliveryOptions,
    results: Subscriber<ResultRecord>,
  ) {
    this.#flow = flow;
    this.#runContext = runContext;
    this.#options = options;
    this.#results = results;
  }

  next(branch: Flow): void {
    this.#isReplayed &&= isReplayed(branch);
    if (branch.status !== 'dropped') {
      this.#leave(branch);
      return;
    }
    if (this.#status) return;
    this.#dropped ??= [];
    this.#dropped.push(branch);
  }

  error(fault: unknown): void {
    this.#results.error(fault);
  }

  complete(): void {
    if (!this.#status) this.#leaveAsOne(this.#dropped ?? []);
    this.#arriving = false;
    if (this.#options.order) void this.#leaveInTurn(this.#options.order);
    else this.#finishIfOver();
  }

  #leaveAsOne(branches: readonly Flow[]): void {
    const flow = asOne(this.#flow, branches);
    this.#isReplayed = isReplayed(flow);
    this.#leave(flow);
  }

  #leave(branch: Flow): void {
    const record = toRecord(branch, this.#options.lastStep, this.#runContext.time);
    this.#runContext.resultCache?.keepEnd(branch, record);
    this.#status = graver(this.#status, record.status);
    this.#dropped = undefined;
    if (this.#options.order) this.#held.push(record);
    else this.#handOver(record);
  }

  /** One after the other: a sink that is slow slows the flow down. */
  #handOver(record: ResultRecord): void {
    if (this.#delivering) {
      this.#waiting ??= new Queue();
      this.#waiting.enqueue(record);
      this.#runContext.gate.occupy();
      return;
    }
    const delivery = this.#delivery(record);
    if (delivery) this.#await(delivery, record);
    else this.#results.next(record);
  }

  #await(delivery: PromiseLike<unknown>, record: ResultRecord): void {
    this.#delivering = true;
    delivery.then(
      () => {
        this.#delivering = false;
        this.#runContext.tick();
        this.#results.next(record);
        this.#handOverWaiting();
      },
      (error) => this.error(error),
    );
  }

  #handOverWaiting(): void {
    while (!this.#delivering) {
      const record = this.#waiting?.dequeue();
      if (!record) break;
      this.#runContext.gate.vacate();
      this.#handOver(record);
    }
    this.#finishIfOver();
  }

  /** Not async: a sink that takes its records at once costs no promise. */
  #delivery(record: ResultRecord): PromiseLike<unknown> | undefined {
    try {
      const delivery: unknown = this.#options.deliver?.(record);
      const keeping = this.#runContext.resultCache?.keepingUp();
      if (keeping) return Promise.all([keeping, delivery]);
      return isPromise(delivery) ? delivery : undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #leaveInTurn(order: InOrder): Promise<void> {
    await order.wait(this.#flow.index);
    this.#runContext.tick();
    const inOrder = this.#held.sort((a, b) => compareBranches(a.branch ?? [], b.branch ?? []));
    for (const record of inOrder) this.#handOver(record);
    this.#finishIfOver();
  }

  #finishIfOver(): void {
    if (this.#arriving || this.#delivering || !this.#status) return;
    this.#options.order?.done(this.#flow.index);
    this.#runContext.events.next({
      type: 'finish',
      flow: this.#flow.id,
      status: this.#status,
      ...(this.#isReplayed && { replayed: true }),
      at: this.#runContext.time,
    });
    this.#results.complete();
  }
}

/** Merges the dropped branches of a flow: each step that one of them passed stands in it once, with its cost. */
function asOne(flow: Flow, branches: readonly Flow[]): Flow {
  const steps = new Set(branches.flatMap(({ steps }) => steps));
  return { ...flow, status: 'dropped', steps: [...steps] };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** By rising weight: the heaviest status of its branches is the flow's. */
const GRAVITY: readonly FlowStatus[] = ['dropped', 'done', 'cancelled', 'failed'];

function graver(a: FlowStatus | undefined, b: FlowStatus): FlowStatus {
  return a && GRAVITY.indexOf(a) > GRAVITY.indexOf(b) ? a : b;
}

/** Lets flows leave in the order of their positions: each waits until all before it are through. */
export class InOrder {
  readonly #waiting = new Map<number, () => void>();
  readonly #through = new Set<number>();
  #next = 0;

  /** Resolves when it is `position`'s turn. */
  wait(position: number): Promise<void> {
    if (position === this.#next) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(position, resolve));
  }

  /** Hands the turn on. A position may be through without ever having waited. */
  done(position: number): void {
    this.#through.add(position);
    while (this.#through.delete(this.#next)) this.#next++;
    this.#waiting.get(this.#next)?.();
    this.#waiting.delete(this.#next);
  }
}
