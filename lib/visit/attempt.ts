import { messageOf, StepFailure } from '../errors.js';
import type { Flow, StepFacts, StepOutput } from '../flow/flow.js';
import type { RunStep, StepContext } from '../step/step.js';
import { elementsOf } from './outgoing.js';
import { Pauses, TimeLimit } from './time-limit.js';
import { NO_FACTS } from './time-sheet.js';

/** The output, or the failure. */
export type Outcome = StepOutput | StepFailure;

/** Callbacks of an attempt's owner; an object instead of closures, since a million flows make several attempts each. */
export interface AttemptOwner {
  /** The text of one of the flow's inputs. */
  readInput(key: string): string | Promise<string>;
  /** Receives the lane's news that the step finds; undefined where the step has no lane. */
  readonly tellLane: StepContext['lane'];
  /** The failure of the previous attempt. */
  readonly failure: StepFailure | undefined;
  /** Called once, with the output or the failure; maybe before `start` returns. */
  onAttemptEnd(attempt: Attempt, outcome: Outcome): void;
}

/** One try at a step's work; it is the context that the step's function sees. */
export class Attempt implements StepContext {
  readonly attempt: number;
  /** Facts that the step has reported so far. */
  facts: StepFacts = NO_FACTS;
  readonly #step: RunStep;
  readonly #timeout: number | undefined;
  readonly #owner: AttemptOwner;
  #controller: AbortController | undefined;
  #aborted: StepFailure | undefined;
  #limit: TimeLimit | undefined;
  #pauses: Pauses | undefined;
  #ended = false;

  /** @param timeout for a step without its own, in seconds */
  constructor(attempt: number, step: RunStep, timeout: number | undefined, owner: AttemptOwner) {
    this.attempt = attempt;
    this.#step = step;
    this.#timeout = step.timeout ?? timeout;
    this.#owner = owner;
  }

  /** Milliseconds for which the attempt was paused. */
  get waitedMs(): number {
    return this.#pauses ? Math.round(this.#pauses.ms) : 0;
  }

  /** Created on first use: a signal costs more than most function steps. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  // Bound where they are asked for: users take a context apart, `async (flow, { read }) => …`.
  get read(): StepContext['read'] {
    return async (key) => this.#owner.readInput(key);
  }

  get tell(): StepContext['tell'] {
    return (facts) => {
      // Spreads of objects of many shapes take six times as long.
      this.facts = Object.assign({}, this.facts, facts);
    };
  }

  get lane(): StepContext['lane'] {
    return this.#owner.tellLane;
  }

  get failure(): StepContext['failure'] {
    return this.#owner.failure;
  }

  get wait(): StepContext['wait'] {
    return async (something) => {
      this.#standStill();
      try {
        return await something;
      } finally {
        this.#goOn();
      }
    };
  }

  start(flow: Flow): void {
    if (this.#timeout !== undefined) this.#limit = this.#limitTo(this.#timeout);
    try {
      const work = this.#step.run(flow, this);
      if (typeof work === 'string') this.#succeed(work);
      else Promise.resolve(work).then(this.#succeed, this.#fail);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The first reason stays. A call that may ignore its signal is abandoned. */
  abort(failure: StepFailure): void {
    if (this.#aborted) return;
    this.#aborted = failure;
    this.#controller?.abort(failure);
    if (!this.#step.settles) this.#end(failure);
  }

  readonly #succeed = (output: unknown): void => {
    this.#end(typeof output === 'string' && !this.#step.array ? output.toWellFormed() : this.#judge(output));
  };

  readonly #fail = (thrown: unknown): void => {
    this.#end(this.#aborted ?? asFailure(thrown, this.#step));
  };

  #judge(output: unknown): Outcome {
    try {
      if (typeof output === 'string') return elementsOf(output);
      throw new TypeError(`returned ${describe(output)}; expected a string`);
    } catch (error) {
      return this.#aborted ?? asFailure(error, this.#step);
    }
  }

  #end(outcome: Outcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#limit?.pause();
    this.#owner.onAttemptEnd(this, outcome);
  }

  #limitTo(seconds: number): TimeLimit {
    return new TimeLimit(seconds * 1000, () =>
      this.abort(new StepFailure('timeout', `timed out after ${seconds} s`)),
    );
  }

  #standStill(): void {
    this.#pauses ??= new Pauses();
    if (this.#pauses.begin()) this.#limit?.pause();
  }

  #goOn(): void {
    if (this.#pauses?.end() && !this.#ended) this.#limit?.resume();
  }
}

function asFailure(thrown: unknown, step: RunStep): StepFailure {
  if (thrown instanceof StepFailure) return thrown;
  return new StepFailure('operator', `${step.name}: ${messageOf(thrown)}`, { cause: thrown });
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
