import { messageOf, StepFailure } from './errors.js';
import type { Flow, StepFacts } from './flow.js';
import { addUsage } from './record.js';
import type { RunStep, StepContext } from './step.js';

/** One try at a step's work; it is the context that the step's function sees. */
export class Attempt implements StepContext {
  readonly attempt: number;
  /** Told by the step so far. */
  facts: StepFacts = {};
  readonly #read: (key: string) => string | Promise<string>;
  #controller: AbortController | undefined;
  #aborted: StepFailure | undefined;
  #reject: ((failure: StepFailure) => void) | undefined;

  constructor(attempt: number, read: (key: string) => string | Promise<string>) {
    this.attempt = attempt;
    this.#read = read;
  }

  /** Made when it is first asked for: a signal costs more than most function steps. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  // Functions, not methods: users take a context apart, `async (flow, { read }) => …`.
  readonly read = async (key: string): Promise<string> => this.#read(key);

  readonly tell = (facts: StepFacts): void => {
    this.facts = { ...this.facts, ...facts };
  };

  /** The first reason stays. */
  abort(failure: StepFailure): void {
    if (this.#aborted) return;
    this.#aborted = failure;
    this.#controller?.abort(failure);
    this.#reject?.(failure);
  }

  /** Runs the step once. Rejects with a StepFailure and nothing else. */
  async outcome(step: RunStep, flow: Flow): Promise<string> {
    const stopClock = this.#startClock(step.timeout);
    try {
      const work = step.run(flow, this);
      const output = typeof work === 'string' ? work : await this.#waitFor(work, step.settles ?? false);
      if (typeof output === 'string') return output;
      throw new StepFailure('operator', `${step.name} returned ${describe(output)}; expected a string`);
    } catch (thrown) {
      throw this.#aborted ?? asFailure(thrown, step);
    } finally {
      stopClock?.();
    }
  }

  /** A call that may ignore its signal is abandoned when the signal aborts. */
  #waitFor(work: Promise<string>, settles: boolean): Promise<string> {
    if (settles) return work;
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      Promise.resolve(work).then(resolve, reject);
    });
  }

  #startClock(seconds: number | undefined): (() => void) | undefined {
    if (seconds === undefined) return undefined;
    const abort = () =>
      this.abort(new StepFailure('timeout', `took longer than its time-out of ${seconds} s`));
    const timer = setTimeout(abort, Math.min(seconds * 1000, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }
}

/** The facts of several attempts as one: the last one's, but all the tokens (all were paid for). */
export function mergeFacts(earlier: StepFacts, later: StepFacts): StepFacts {
  if (!earlier.usage) return { ...earlier, ...later };
  const usage = later.usage ? addUsage(earlier.usage, later.usage) : earlier.usage;
  return { ...earlier, ...later, usage };
}

function asFailure(thrown: unknown, step: RunStep): StepFailure {
  if (thrown instanceof StepFailure) return thrown;
  return new StepFailure('operator', `${step.name} threw: ${messageOf(thrown)}`, { cause: thrown });
}

function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
