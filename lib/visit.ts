import { Attempt, mergeFacts } from './attempt.js';
import { announce, type Cancellable, type Engine, type Placed } from './engine.js';
import { type FailureKind, interrupted, messageOf, StepFailure } from './errors.js';
import { type Flow, failed, type StepFacts, type StepRecord, type StepStatus, withKept } from './flow.js';
import { backOffMs } from './retry.js';
import type { RunStep } from './step.js';

/** Failures that another attempt may cure; a failure that knows better says so itself (`retryable`). */
const WORTH_RETRYING: ReadonlySet<FailureKind> = new Set([
  'timeout',
  'rate_limit',
  'server',
  'network',
  'exit',
  'operator',
]);

/**
 * One flow's stay at one step: it arrives, waits for its turn at the gate, is worked on (in as many attempts as the
 * step allows), and leaves, as a new flow, with the step's record. Never fails: failure is data.
 */
export class Visit implements Cancellable {
  readonly #place: Placed<RunStep>;
  readonly #engine: Engine;
  readonly #flow: Flow;
  #attempt: Attempt | undefined;
  #wake: (() => void) | undefined;
  #cancelled = false;
  #left = false;
  #attempts = 0;
  #workMs = 0;
  #startedAt = 0;
  #facts: StepFacts = {};

  constructor(place: Placed<RunStep>, flow: Flow, engine: Engine) {
    this.#place = place;
    this.#flow = flow;
    this.#engine = engine;
    this.#cancelled = engine.cancelled;
    engine.inFlight.add(this);
    announce(engine, 'enter', place, flow);
  }

  /** The flow as it leaves. */
  async outcome(): Promise<Flow> {
    try {
      return (await this.#turn()) ? await this.#work() : this.#failedWith(interrupted());
    } finally {
      this.leave();
    }
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#attempt?.abort(interrupted());
    this.#wake?.();
  }

  /** Announces the exit, once; at the latest when nobody listens any more. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#engine.inFlight.delete(this);
    announce(this.#engine, 'exit', this.#place, this.#flow);
  }

  /** Waits at the gate; false when cancelled meanwhile. */
  #turn(): boolean | Promise<boolean> {
    const { gate } = this.#engine;
    if (this.#cancelled) return false;
    if (gate.tryEnter(this.#place.index)) return true;
    return new Promise((resolve) => {
      const ticket = gate.queue(this.#place.index, () => resolve(true));
      this.#wake = () => {
        if (ticket.leave()) resolve(false);
      };
    });
  }

  async #work(): Promise<Flow> {
    try {
      this.#startedAt = Date.now();
      for (;;) {
        const outcome = await this.#tryOnce();
        if (typeof outcome === 'string') return this.#advanced(outcome);
        if (!this.#mayRetry(outcome)) return this.#failedWith(outcome);
        await this.#pause(backOffMs(this.#attempts, outcome.retryAfterMs));
        if (this.#cancelled) return this.#failedWith(interrupted());
      }
    } finally {
      this.#engine.gate.leave(this.#place.index);
    }
  }

  async #tryOnce(): Promise<string | StepFailure> {
    const began = performance.now();
    const attempt = new Attempt(++this.#attempts, (key) => this.#engine.read(this.#flow, key));
    this.#attempt = attempt;
    if (this.#cancelled) return interrupted();
    try {
      return await attempt.outcome(this.#place.step, this.#flow);
    } catch (failure) {
      return failure instanceof StepFailure ? failure : new StepFailure('internal', messageOf(failure));
    } finally {
      this.#workMs += performance.now() - began;
      this.#facts = mergeFacts(this.#facts, attempt.facts);
    }
  }

  #mayRetry(failure: StepFailure): boolean {
    if (this.#cancelled || this.#attempts > (this.#place.step.retries ?? 0)) return false;
    return failure.retryable ?? WORTH_RETRYING.has(failure.kind);
  }

  /** Waits between two attempts; cut short when cancelled. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #advanced(output: string): Flow {
    const { name } = this.#place.step;
    const flow = { ...this.#flow, output, steps: [...this.#flow.steps, this.#record('done')] };
    return this.#engine.kept.has(name) ? withKept(flow, name) : flow;
  }

  #failedWith(failure: StepFailure): Flow {
    const status = failure.kind === 'cancelled' ? 'cancelled' : 'failed';
    const flow = failed(this.#flow, failure, this.#place.step, this.#attempts);
    return { ...flow, steps: [...flow.steps, this.#record(status)] };
  }

  #record(status: StepStatus): StepRecord {
    const { name, type } = this.#place.step;
    return {
      name,
      type,
      status,
      startedAt: this.#startedAt || Date.now(),
      ms: Math.round(this.#workMs),
      attempts: this.#attempts,
      ...this.#facts,
    };
  }
}
