import { rmSync } from 'node:fs';
import { CLI, interleaved, type Measured, type Program } from '../measure.js';
import { library, noopArgs, square } from '../programs.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import { startServer } from '../server.js';
import type { Row, Size } from '../shapes.js';
import { flowsPerSecond, wallMs } from '../statistics.js';
import { thousandsPerSecond } from '../units.js';

const figure = '8 journal';

/** The throughput of runs that are kept, against the same that aren't. */
export async function journalCost(size: Size): Promise<Row[]> {
  return [await ofCalls(size), ...(await ofNothing(size))];
}

/** Whole processes, two calls a flow to a server that answers at once, 50 in flight. */
async function ofCalls({ runs, part }: Size): Promise<Row> {
  using server = await startServer(0);
  const [a, b] = [Math.ceil(40 * part), 100];
  const keys = ['-k', `a:${list('a', a)}`, '-k', `b:${list('b', b)}`];
  const args = ['run', 'configs/two-calls.json', '--parallel', '50', ...keys];
  const measured = await inTurns({ file: CLI, args, env: server.env, stdout: scratch('calls.ndjson') }, runs);
  const rate = (side: 'kept' | 'not kept') => (a * b * 1000) / wallMs(measured(side));
  return against(`CLI, ${a * b} flows × 2 calls`, rate, 0.9);
}

/** A million flows of three steps that do nothing. */
async function ofNothing({ runs, part }: Size): Promise<Row[]> {
  const flows = 1_000_000 * part;
  const keys = square(flows);
  const program = { file: CLI, args: noopArgs(keys), stdout: scratch('nothing.ndjson') };
  const cli = await inTurns(program, runs);
  const generated = scratch('cost');
  const code = await interleaved(
    {
      'not kept': library({ keys, parallel: 100 }),
      kept: emptied(library({ keys, parallel: 100, generated }), generated),
    },
    runs,
  );
  return [
    against(
      'CLI, steps that do nothing, NDJSON to a file',
      (side) => (flows * 1000) / wallMs(cli(side)),
      0.4,
    ),
    against('library, steps that do nothing', (side) => flowsPerSecond(code(side)), 0.4),
  ];
}

/** The command line with a journal and without, in turns. */
function inTurns(
  program: Program,
  runs: number,
): Promise<(side: 'kept' | 'not kept') => readonly Measured[]> {
  const { args = [] } = program;
  const generated = scratch('cost');
  const kept = { ...program, args: [...args, '--generated', generated] };
  return interleaved(
    { 'not kept': { ...program, args: [...args, '--no-journal'] }, kept: emptied(kept, generated) },
    runs,
  );
}

/** A million flows take more than a gigabyte. */
function emptied(program: Program, folder: string): Program {
  return { ...program, before: () => rmSync(folder, { recursive: true, force: true }) };
}

function against(what: string, rate: (side: 'kept' | 'not kept') => number, atLeast: number): Row {
  const [kept, bare] = [rate('kept'), rate('not kept')];
  return row({
    figure,
    what: `${what}: flows a second`,
    ours: thousandsPerSecond(kept),
    other: `not kept ${thousandsPerSecond(bare)}`,
    value: kept / bare,
    target: { atLeast },
  });
}
