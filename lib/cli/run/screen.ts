import { type ProgressParts, progressLine } from '../../progress/progress.js';
import { oneLine } from '../../util/text.js';
import type { Output } from '../output.js';

/** The live line and all that is said beside it, on stderr. */
export interface Screen {
  /** Replaces the live line. */
  show(state: ProgressParts): void;
  /** One line for the user, above the live line. */
  say(line: string): void;
  /** Takes the live line away while results are written to the same terminal. */
  withoutLine(write: () => void): void;
  /** Leaves the last state of the live line standing. */
  close(): void;
}

/** One plain line after the other, for a log; a state that is the one before is not said again. */
export function plainScreen(stderr: Output): Screen {
  const say = (line: string) => {
    stderr.write(`${line}\n`);
  };
  let last = '';
  const show = (state: ProgressParts) => {
    const line = oneLine(progressLine(state));
    if (line !== last) say(line);
    last = line;
  };
  return { show, say, withoutLine: (write) => write(), close: () => {} };
}

/** Prints only warnings and errors. */
export function quietScreen(stderr: Output): Screen {
  return { ...plainScreen(stderr), show: () => {} };
}
