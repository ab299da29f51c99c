import { StepFailure } from '../../../errors.js';
import { type Command, runProcess } from '../../../processes/run-process.js';
import { redacted } from '../../../util/redact.js';
import { RunningTimer } from '../../../util/running-timer.js';
import { copy, Tail } from '../../text.js';
import type { Files } from '../files.js';
import { detailOf } from './detail.js';
import { eventIn, Lines } from './event.js';
import type { Turn } from './turn.js';
import type { CodexEnd } from './verdict.js';

/** One attempt. */
export interface Job {
  readonly prompt: string;
  readonly files: Files;
  readonly turn: Turn;
  readonly signal: AbortSignal;
  /** Receives one line for each event of codex; undefined without `--verbose`. */
  readonly detail: ((line: string) => void) | undefined;
  /** Called when codex has begun its thread. */
  readonly onThread?: () => void;
}

/** How codex is called. */
export interface CallOptions {
  /** Seconds without an event, after which codex is ended as on abort. */
  readonly idleTimeout: number;
  /** Values that are kept out of every file and message. */
  readonly secrets: readonly string[];
}

/** Runs codex; its events and its stderr go to their files as they come. */
export async function callCodex(
  command: Command,
  job: Job,
  { idleTimeout, secrets }: CallOptions,
): Promise<CodexEnd> {
  const { files } = job;
  const idle = new IdleLimit(idleTimeout, command.signal);
  const lines = new Lines((line) => hear(line, command.cwd, job));
  const errors = new Tail();
  try {
    return await runProcess(
      { ...command, signal: idle.signal },
      async (stdout) => {
        idle.start();
        await copy(redacted(stdout, secrets), files.events, (chunk) => {
          idle.reset();
          lines.add(chunk);
        });
        lines.end();
      },
      async (stderr) => {
        await copy(redacted(stderr, secrets), files.stderr, (chunk) => errors.add(chunk));
        return errors.toString();
      },
    );
  } finally {
    idle.stop();
  }
}

/** Takes in one line of events. `folder`: where codex works. */
export function hear(line: string, folder: string, { turn, detail, onThread }: Job): void {
  const event = eventIn(line);
  if (event === null) return;
  turn.see(event);
  if (event.type === 'thread.started') onThread?.();
  const told = detail && detailOf(event, folder);
  if (told) detail(told);
}

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
  return new StepFailure('timeout', `codex produced no event for ${seconds} s (idleTimeout)`, {
    hint: 'Raise the `idleTimeout` of the step where single commands of codex take longer.',
  });
}
