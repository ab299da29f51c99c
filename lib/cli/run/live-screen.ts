import { createLogUpdate } from 'log-update';
import type { ProgressParts } from '../../progress/progress.js';
import { oneLine } from '../../util/text.js';
import type { Output } from '../output.js';
import { FittedLine } from './fitted-line.js';
import type { Screen } from './screen.js';

/** A line that is redrawn in place, kept within the terminal's width as it is now. */
export function liveScreen(stderr: Output, sharesTerminal: boolean): Screen {
  const update = createLogUpdate(sized(stderr), { showCursor: true });
  const line = new FittedLine();
  let state: ProgressParts | undefined;
  const draw = () => {
    if (state) update(line.text(state, (stderr.columns || 80) - 1)); // some wrap a line that is as wide as they are
  };
  const withoutLine = (write: () => void) => {
    update.clear();
    write();
    draw();
  };
  stderr.on('resize', draw);
  return {
    show: (next) => {
      state = cleaned(next);
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

/** Names may hold characters that control a terminal. */
function cleaned(state: ProgressParts): ProgressParts {
  const steps = state.steps.map(({ name, flows }) => ({ name: oneLine(name), flows }));
  return { ...state, steps, waits: state.waits.map(oneLine) };
}
