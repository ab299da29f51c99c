import { StepFailure } from '../../errors.js';

/** Longer waits than this don't fit a timer, milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Aborts work that gives no sign of life for too long. */
export class IdleLimit {
  /** Aborted by the limit, and with the signal that was given. */
  readonly signal: AbortSignal;
  readonly #seconds: number;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number, signal: AbortSignal) {
    this.#seconds = seconds;
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
  }

  /** Runs from here on. */
  start(): void {
    this.#timer = setTimeout(() => this.#controller.abort(idle(this.#seconds)), this.#ms);
  }

  /** A sign of life: the time runs anew. */
  reset(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get #ms(): number {
    return Math.min(this.#seconds * 1000, LONGEST_TIMER);
  }
}

function idle(seconds: number): StepFailure {
  return new StepFailure('timeout', `codex told nothing for ${seconds} s, its idle time-out`, {
    hint: 'Raise the `idleTimeout` of the step where single commands of codex take longer.',
  });
}
