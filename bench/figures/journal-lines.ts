import { interleaved } from '../measure.js';
import { row } from '../rows.js';
import { scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';
import { flowsPerSecond, medianOf, peakMB } from '../statistics.js';
import { megabytes, seconds, thousandsPerSecond } from '../units.js';

const figure = '8 journal';

/** A million flows of three steps are kept, and found again. */
export async function linesKept({ runs, part }: Size): Promise<Row[]> {
  const flows = 1_000_000 * part;
  const program = (name: string) => {
    const options = { flows, generated: scratch('journal'), file: scratch('journal.ndjson') };
    return { file: `programs/${name}.js`, args: [JSON.stringify(options)] };
  };
  const measured = await interleaved(
    {
      bare: program('journal-write-bare'),
      write: program('journal-write'),
      read: program('journal-read'),
    },
    runs,
  );
  const [bare, write, read] = [measured('bare'), measured('write'), measured('read')];
  const openSeconds = medianOf(read, 'openMs') / 1000;
  return [
    row({
      figure,
      what: 'lines a second: kept, synced in groups',
      ours: thousandsPerSecond(flowsPerSecond(write)),
      other: `bare writes ${thousandsPerSecond(flowsPerSecond(bare))}`,
      value: flowsPerSecond(write) / flowsPerSecond(bare),
      target: { atLeast: 0.5 },
    }),
    row({
      figure,
      what: 'opening 4,000,000 lines',
      ours: seconds(1000 * openSeconds),
      value: openSeconds,
      target: { atMost: 8 },
    }),
    row({
      figure,
      what: 'peak memory with 3,000,000 steps, opened and found',
      ours: megabytes(peakMB(read)),
      value: peakMB(read),
      target: { atMost: 250 },
    }),
    row({
      figure,
      what: 'steps found a second, in the order of the journal',
      ours: thousandsPerSecond(flowsPerSecond(read)),
      value: flowsPerSecond(read),
      target: { atLeast: 300_000 },
    }),
  ];
}
