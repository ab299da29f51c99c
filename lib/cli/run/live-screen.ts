import cliTruncate from 'cli-truncate';
import { createLogUpdate } from 'log-update';
import type { Output } from '../output.js';
import type { Screen } from './screen.js';

/** A line that is redrawn in place, kept within the terminal's width as it is now. */
export function liveScreen(stderr: Output, sharesTerminal: boolean): Screen {
  const update = createLogUpdate(sized(stderr), { showCursor: true });
  let line = '';
  const draw = () => {
    if (line) update(fitted(line, stderr.columns || 80));
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

/** A terminal that says that it is 0 wide doesn't know (that of `script`): then it is as wide as where none says so. */
function sized(stderr: Output): Output {
  return new Proxy(stderr, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'columns' || name === 'rows') return value || undefined;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** What follows the steps begins with how many flows have ended. */
const COUNTS = / \| \d+\/(\d+|\?)/g;

/** How much of the steps has to be seen for the counts to stay whole beside it. */
const LEAST_COLUMNS = 10;

/**
 * The steps are cut, by ASCII dots that any terminal shows; the counts after them stay whole where there is room, and so
 * does as much of the rest as there is room for, from its end.
 */
function fitted(line: string, columns: number): string {
  const room = columns - 2; // a wide letter may stick out
  const end = [...line.matchAll(COUNTS)].at(-1)?.index ?? 0;
  const [only = '', ...more] = line.slice(end).split(/(?= \| )/);
  while (more.length > 0 && room - only.length - more.join('').length < LEAST_COLUMNS) more.shift();
  const counts = only + more.join('');
  const left = room - counts.length;
  if (left < LEAST_COLUMNS) return cut(line, room);
  return cut(line.slice(0, end), left) + counts;
}

function cut(text: string, columns: number): string {
  return cliTruncate(text, Math.max(columns, 1), { truncationCharacter: '...' });
}
