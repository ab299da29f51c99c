import { Chalk, chalkStderr } from 'chalk';
import cliTruncate from 'cli-truncate';
import { createLogUpdate } from 'log-update';

/** A terminal, a pipe or a file, as node:tty and node:net make them. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The live line and all that is said beside it, on stderr. */
export interface Screen {
  /** Replaces the live line. */
  show(line: string): void;
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
  const show = (line: string) => {
    if (line !== last) say(line);
    last = line;
  };
  return { show, say, withoutLine: (write) => write(), close: () => {} };
}

/** Nothing but what has to be said. */
export function quietScreen(stderr: Output): Screen {
  return { ...plainScreen(stderr), show: () => {} };
}

/** A line that is redrawn in place, kept within the terminal's width as it is now. */
export function liveScreen(stderr: Output, sharesTerminal: boolean): Screen {
  const update = createLogUpdate(stderr, { showCursor: true });
  let line = '';
  const draw = () => {
    if (line) update(fitted(line, stderr.columns ?? 80));
  };
  const withoutLine = (write: () => void) => {
    update.clear();
    write();
    draw();
  };
  stderr.on('resize', draw);
  return {
    show: (next) => {
      line = next;
      draw();
    },
    say: (text) => withoutLine(() => stderr.write(`${text}\n`)),
    withoutLine: sharesTerminal ? withoutLine : (write) => write(),
    close: () => {
      stderr.off('resize', draw);
      update.done();
    },
  };
}

/** How much of the steps has to be seen for the counts to stay whole beside it. */
const LEAST_COLUMNS = 10;

/** The steps are cut, by ASCII dots that any terminal shows; the counts after them stay whole where there is room. */
function fitted(line: string, columns: number): string {
  const room = columns - 2; // a wide letter may stick out
  const end = Math.max(line.lastIndexOf(' | '), 0);
  const counts = line.slice(end);
  const left = room - counts.length;
  if (left < LEAST_COLUMNS) return cut(line, room);
  return cut(line.slice(0, end), left) + counts;
}

function cut(text: string, columns: number): string {
  return cliTruncate(text, Math.max(columns, 1), { truncationCharacter: '...' });
}

/** Colours for stderr: only on a terminal, and never with NO_COLOR. */
export function coloursFor(stderr: Output, env: Readonly<Record<string, string | undefined>>) {
  return new Chalk({ level: stderr.isTTY && !env.NO_COLOR ? chalkStderr.level : 0 });
}
