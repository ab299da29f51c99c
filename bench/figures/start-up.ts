import { CLI, interleaved, type Program } from '../measure.js';
import { keptAside } from '../programs.js';
import { row } from '../rows.js';
import { startServer } from '../server.js';
import type { Row, Size } from '../shapes.js';
import { wallMs } from '../statistics.js';
import { milliseconds } from '../units.js';

/** A start is short: more of them make the median steady. */
const TIMES = 5;

/** What the command line takes beyond a node that does nothing. */
export async function startUp({ runs }: Size): Promise<Row[]> {
  using server = await startServer(0);
  const bare: Program = { file: '-e', args: ['0'], reporting: false };
  const cli = (...args: string[]): Program => ({ file: CLI, args, env: server.env, reporting: false });
  const measured = await interleaved(
    {
      'node -e 0': bare,
      '--version': cli('--version'),
      '--help': cli('--help'),
      'one flow': cli('run', 'configs/one-call.json', ...keptAside()),
    },
    runs * TIMES,
  );
  const node = wallMs(measured('node -e 0'));
  const beyond = (what: '--version' | '--help' | 'one flow', atMost: number) => {
    const ours = wallMs(measured(what));
    return row({
      figure: '6 start-up',
      what: `${what}, ms beyond node`,
      ours: milliseconds(ours),
      other: `node -e 0 ${milliseconds(node)}`,
      value: ours - node,
      target: { atMost },
    });
  };
  return [beyond('--version', 60), beyond('--help', 60), beyond('one flow', 260)];
}
