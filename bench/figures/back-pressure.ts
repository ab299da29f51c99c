import { readFileSync } from 'node:fs';
import { CLI, interleaved, measure } from '../measure.js';
import { keptAside, noopArgs, square } from '../programs.js';
import { row } from '../rows.js';
import { scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';
import { wallMs } from '../statistics.js';
import { megabytes, seconds } from '../units.js';

const figure = '5 back-pressure';
const PARALLEL = 100;
/** What a pipe of Linux holds, what a stream of Node holds before it, and what the reader takes of it at once. */
const PIPE_BYTES = 65_536 + 16_384 + 4096;

/** What a reader that is slow, or goes, does to a run. */
export async function backPressure(size: Size): Promise<Row[]> {
  return [...(await slowReader(size)), await readerThatGoes(size)];
}

async function slowReader({ part }: Size): Promise<Row[]> {
  const flows = Math.ceil(200_000 * part);
  const slowMs = part < 1 ? 500 : 5000;
  const options = JSON.stringify({ flows, parallel: PARALLEL, slowMs, pulledFile: scratch('pulled') });
  const readerFacts = scratch('reader.json');
  const reader = `"$0" --import ./programs/report.js programs/slow-reader.js '${options}' 3>${readerFacts}`;
  const { facts } = await measure({
    file: 'programs/to-slow-reader.js',
    args: [options],
    shell: `NODE | ${reader}`,
  });
  const { lines = 0, distinct = 0, mostAhead = 0, slowLines = 0, slowBytes = 0 } = factsIn(readerFacts);
  const allowed = PARALLEL + (PIPE_BYTES * slowLines) / slowBytes;
  const peak = facts.peakMB ?? 0;
  return [
    row({
      figure,
      what: `pulled beyond read, ${slowLines} lines in ${seconds(slowMs)}`,
      ours: `${mostAhead} flows`,
      other: `parallel + a pipe = ${Math.floor(allowed)}`,
      value: mostAhead / allowed,
      target: { atMost: 1 },
    }),
    row({
      figure,
      what: `lost or doubled of ${flows} flows`,
      ours: `${flows - distinct + lines - distinct}`,
      value: Math.abs(flows - distinct) + Math.abs(lines - distinct),
      target: { atMost: 0 },
    }),
    row({
      figure,
      what: 'peak memory under the slow reader',
      ours: megabytes(peak),
      value: peak,
      target: { atMost: 150 },
    }),
  ];
}

function factsIn(file: string): Readonly<Record<string, number>> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function readerThatGoes({ runs, part }: Size): Promise<Row> {
  const what = 'CLI over 1,000,000 flows `| head -1`, whole process';
  const program = {
    file: CLI,
    args: [...noopArgs(square(1_000_000 * part)), ...keptAside()],
    shell: 'NODE | head -1',
    reporting: false,
  };
  const measured = await interleaved({ 'head -1': program }, runs);
  const value = wallMs(measured('head -1')) / 1000;
  return row({ figure, what, ours: `${value.toPrecision(3)} s`, value, target: { atMost: 1 } });
}
