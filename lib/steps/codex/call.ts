import { type Command, runProcess } from '../../processes.js';
import { copy, Tail } from '../text.js';
import { detailOf } from './detail.js';
import { eventIn } from './event.js';
import type { Files } from './files.js';
import { IdleLimit } from './idle.js';
import { Lines } from './lines.js';
import type { Turn } from './turn.js';
import type { CodexEnd } from './verdict.js';

/** One attempt. */
export interface Job {
  readonly prompt: string;
  readonly files: Files;
  readonly turn: Turn;
  readonly signal: AbortSignal;
  /** Hears one line for each thing that codex does; undefined where nobody listens. */
  readonly detail: ((line: string) => void) | undefined;
}

/**
 * Runs codex; its events and its stderr go to their files as they come.
 *
 * @param idleTimeout seconds without an event, after which codex is ended as on abort
 */
export async function callCodex(command: Command, job: Job, idleTimeout: number): Promise<CodexEnd> {
  const { files } = job;
  const idle = new IdleLimit(idleTimeout, command.signal);
  const lines = new Lines((line) => hear(line, command.cwd, job));
  const errors = new Tail();
  try {
    return await runProcess(
      { ...command, signal: idle.signal },
      async (stdout) => {
        idle.start();
        await copy(stdout, files.events, (chunk) => {
          idle.reset();
          lines.add(chunk);
        });
        lines.end();
      },
      async (stderr) => {
        await copy(stderr, files.stderr, (chunk) => errors.add(chunk));
        return errors.toString();
      },
    );
  } finally {
    idle.stop();
  }
}

/** Takes in one line of events. `folder`: where codex works. */
export function hear(line: string, folder: string, { turn, detail }: Job): void {
  const event = eventIn(line);
  if (event === null) return;
  turn.see(event);
  const told = detail && detailOf(event, folder);
  if (told) detail(told);
}
