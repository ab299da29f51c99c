import type { Observer, Subscriber } from 'rxjs';
import { compareBranches } from './branches.js';
import type { Engine } from './engine.js';
import type { Flow } from './flow.js';
import { droppedRecord, type FlowStatus, type ResultRecord, toRecord } from './record.js';
import type { Turns } from './turns.js';

/** Takes a record; the flow keeps its slot until this has settled. */
export type Deliver = (record: ResultRecord) => void | Promise<void>;

export interface DepartureOptions {
  /** How many steps there are. */
  readonly stepCount: number;
  readonly deliver?: Deliver | undefined;
  /** Records leave in flow order: each flow waits for its turn. */
  readonly turns?: Turns | undefined;
}

/**
 * The end of one flow's journey: observes the branches that come out of the steps, makes a record of each (one
 * `dropped` record where there was none), delivers them, and announces the flow's finish when the last is delivered.
 */
export class Departure implements Observer<Flow> {
  readonly #flow: Flow;
  readonly #engine: Engine;
  readonly #options: DepartureOptions;
  readonly #results: Subscriber<ResultRecord>;
  /** Records that wait for the flow's turn. */
  readonly #held: ResultRecord[] = [];
  #status: FlowStatus | undefined;
  #arriving = true;
  #undelivered = 0;

  constructor(flow: Flow, engine: Engine, options: DepartureOptions, results: Subscriber<ResultRecord>) {
    this.#flow = flow;
    this.#engine = engine;
    this.#options = options;
    this.#results = results;
  }

  next(branch: Flow): void {
    this.#leave(toRecord(branch, this.#options.stepCount, Date.now()));
  }

  error(fault: unknown): void {
    this.#results.error(fault);
  }

  complete(): void {
    if (!this.#status) this.#leave(droppedRecord(this.#flow, Date.now()));
    this.#arriving = false;
    if (this.#options.turns) this.#releaseHeld(this.#options.turns).catch((error) => this.error(error));
    else this.#finishIfOver();
  }

  #leave(record: ResultRecord): void {
    this.#status = graver(this.#status, record.status);
    if (this.#options.turns) this.#held.push(record);
    else this.#handOver(record);
  }

  #handOver(record: ResultRecord): void {
    const delivery = this.#delivery(record);
    if (!delivery) {
      this.#results.next(record);
      return;
    }
    this.#undelivered++;
    delivery.then(
      () => {
        this.#undelivered--;
        this.#results.next(record);
        this.#finishIfOver();
      },
      (error) => this.error(error),
    );
  }

  /** Not async: a sink that takes its records at once costs no promise. */
  #delivery(record: ResultRecord): Promise<void> | undefined {
    try {
      return this.#options.deliver?.(record) ?? undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #releaseHeld(turns: Turns): Promise<void> {
    await turns.wait(this.#flow.index);
    const inOrder = this.#held.sort((a, b) => compareBranches(a.branch ?? [], b.branch ?? []));
    for (const record of inOrder) {
      if (this.#results.closed) return;
      await this.#delivery(record);
      this.#results.next(record);
    }
    turns.through(this.#flow.index);
    this.#finishIfOver();
  }

  #finishIfOver(): void {
    if (this.#arriving || this.#undelivered > 0 || !this.#status) return;
    this.#engine.events.next({ type: 'finish', flow: this.#flow.id, status: this.#status, at: Date.now() });
    this.#results.complete();
  }
}

/** From the least to the most worth telling: what one word says of all the branches of a flow. */
const GRAVITY: readonly FlowStatus[] = ['dropped', 'done', 'cancelled', 'failed'];

function graver(a: FlowStatus | undefined, b: FlowStatus): FlowStatus {
  return a && GRAVITY.indexOf(a) > GRAVITY.indexOf(b) ? a : b;
}
