import { CLI, interleaved } from '../measure.js';
import { keptAside, other } from '../programs.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import { startServer } from '../server.js';
import type { Row, Size } from '../shapes.js';
import { wallMs } from '../statistics.js';
import { seconds } from '../units.js';

/** Whole processes, two calls a flow to a server that answers at once, 50 in flight. */
export async function http({ runs, part }: Size): Promise<Row[]> {
  using server = await startServer(0);
  const [a, b] = [Math.ceil(40 * part), 100];
  const keys = ['-k', `a:${list('a', a)}`, '-k', `b:${list('b', b)}`];
  const measured = await interleaved(
    {
      'bare client': { ...other('peers/openai.js', a * b, 50), env: server.env },
      'command line': {
        file: CLI,
        args: ['run', 'configs/two-calls.json', '--parallel', '50', ...keys, ...keptAside()],
        env: server.env,
        stdout: scratch('http.ndjson'),
      },
    },
    runs,
  );
  const [ours, theirs] = [wallMs(measured('command line')), wallMs(measured('bare client'))];
  return [
    row({
      figure: '3 HTTP',
      what: `CLI, ${a * b} flows × 2 calls, whole process`,
      ours: seconds(ours),
      other: `openai client ${seconds(theirs)}`,
      value: ours / theirs,
      target: { atMost: 0.85 },
    }),
  ];
}
