import { type Command, runProcess } from '../../processes.js';
import { copy, Tail } from '../text.js';
import type { Files } from './files.js';
import { Lines } from './lines.js';
import type { Turn } from './turn.js';
import type { CodexEnd } from './verdict.js';

/** One attempt. */
export interface Job {
  readonly prompt: string;
  readonly files: Files;
  readonly turn: Turn;
  readonly signal: AbortSignal;
}

/** Runs codex; its events and its stderr go to their files as they come. */
export function callCodex(command: Command, { files, turn }: Job): Promise<CodexEnd> {
  const lines = new Lines((line) => turn.see(line));
  const errors = new Tail();
  return runProcess(
    command,
    async (stdout) => {
      await copy(stdout, files.events, (chunk) => lines.add(chunk));
      lines.end();
    },
    async (stderr) => {
      await copy(stderr, files.stderr, (chunk) => errors.add(chunk));
      return errors.toString();
    },
  );
}
