import { readFileSync } from 'node:fs';
import { CLI, interleaved, measure } from '../measure.js';
import { keptAside } from '../programs.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import { startServer } from '../server.js';
import type { Row, Size } from '../shapes.js';
import { wallMs } from '../statistics.js';
import { seconds } from '../units.js';

const figure = '4 limit';

/** How close a run comes to what `--parallel` allows, and what many connections do to it. */
export async function closeToTheLimit(size: Size): Promise<Row[]> {
  return [await wallTime(size), await openFiles(size)];
}

async function wallTime({ runs, part }: Size): Promise<Row> {
  using server = await startServer(500);
  const rounds = Math.ceil(10 * part);
  const program = calls(rounds * 100, 100, server.env);
  const measured = await interleaved({ 'command line, 500 ms a call': program }, runs);
  const wall = wallMs(measured('command line, 500 ms a call'));
  const ideal = rounds * 2 * 500;
  return row({
    figure,
    what: `CLI, ${rounds * 100} flows × 2 calls of 500 ms, 100 in flight`,
    ours: seconds(wall),
    other: `ideal ${seconds(ideal)}`,
    value: wall / ideal,
    target: { atMost: 1.06 },
  });
}

async function openFiles({ part }: Size): Promise<Row> {
  using server = await startServer(2000);
  const flows = Math.ceil(2000 * part);
  const program = calls(flows, 2000, server.env);
  const { wallMs } = await measure({ ...program, shell: 'ulimit -n 1024; exec NODE', codes: [0, 1] });
  const lines = readFileSync(scratch('limit.ndjson'), 'utf8').trimEnd().split('\n');
  const done = lines.filter((line) => statusOf(line) === 'done').length;
  return row({
    figure,
    what: `CLI, ${flows} flows in flight, \`ulimit -n 1024\`: flows not done`,
    ours: `${flows - done} of ${flows}, ${seconds(wallMs)}`,
    value: flows - done,
    target: { atMost: 0 },
  });
}

function calls(flows: number, parallel: number, env: Readonly<Record<string, string>>) {
  const keys = ['-k', `a:${list('a', flows)}`, '-k', `b:${list('b', 1)}`];
  const args = ['run', 'configs/two-calls.json', '--parallel', String(parallel), ...keys, ...keptAside()];
  return { file: CLI, args, env, stdout: scratch('limit.ndjson'), reporting: false };
}

function statusOf(line: string): string {
  const record: { readonly status: string } = JSON.parse(line);
  return record.status;
}
