import { StepFailure } from '../../../errors.js';
import { RunningTimer } from '../../../util/running-timer.js';

/** Aborts work that gives no sign of life for too long. */
export class IdleLimit {
  /** Aborted by the limit, and with the signal that was given. */
  readonly signal: AbortSignal;
  readonly #seconds: number;
  readonly #controller = new AbortController();
  #timer: RunningTimer | undefined;

  constructor(seconds: number, signal: AbortSignal) {
    this.#seconds = seconds;
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
  }

  /** Runs from here on. */
  start(): void {
    this.stop();
    this.#timer = new RunningTimer(this.#seconds * 1000, () => this.#controller.abort(idle(this.#seconds)));
  }

  /** A sign of life: the time runs anew. */
  reset(): void {
    this.#timer?.restart();
  }

  stop(): void {
    this.#timer?.clear();
  }
}

function idle(seconds: number): StepFailure {
  return new StepFailure('timeout', `codex told nothing for ${seconds} s, its idle time-out`, {
    hint: 'Raise the `idleTimeout` of the step where single commands of codex take longer.',
  });
}
