import { CLI, interleaved, type Program } from '../measure.js';
import { keptAside } from '../programs.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import { startServer } from '../server.js';
import type { Row, Size } from '../shapes.js';
import { peakMB, wallMs } from '../statistics.js';
import { megabytes, seconds } from '../units.js';

const figure = '7 rendering';
const MB = 2 ** 20;

/**
 * Prompts with a content of 1 MB, sent to a server: what they leave in memory, and how their time grows. Peaks are
 * compared from 1,000 flows on: until then the heap grows to its working size (500 flows: 330 to 380 MB, 1,000: 370 to
 * 410, 4,000: 410 to 440), which says nothing of what a flow leaves.
 */
export async function rendering({ runs, part }: Size): Promise<Row[]> {
  using server = await startServer(0);
  const flows = Math.ceil(1000 * part);
  const prompts = (bytes: number, count: number): Program => ({
    file: CLI,
    args: ['run', 'configs/large.json', '--parallel', '10', ...keys(bytes, count), ...keptAside()],
    env: server.env,
    stdout: scratch('rendering.ndjson'),
  });
  const measured = await interleaved(
    {
      '1 MB': prompts(MB, flows),
      '1 MB, three times the flows': prompts(MB, 3 * flows),
      '2 MB': prompts(2 * MB, flows),
    },
    runs,
  );
  const [few, many] = [peakMB(measured('1 MB')), peakMB(measured('1 MB, three times the flows'))];
  const [one, two] = [wallMs(measured('1 MB')), wallMs(measured('2 MB'))];
  return [
    row({
      figure,
      what: `MB that the peak grows by for each flow with 1 MB, from ${flows} to ${3 * flows}`,
      ours: `${megabytes(few)}, ${megabytes(many)}`,
      value: (many - few) / (2 * flows),
      target: { atMost: 0.1 },
    }),
    row({
      figure,
      what: `time of ${flows} flows with 2 MB each`,
      ours: seconds(two),
      other: `1 MB each ${seconds(one)}`,
      value: two / one,
      target: { atMost: 2.2 },
    }),
  ];
}

/** Ten large contents, each in a tenth of the flows. */
function keys(bytes: number, flows: number): string[] {
  const documents = list(`doc-${bytes}`, 10, (n) => `line ${n} of a large document\n`.repeat(bytes / 28));
  return ['-k', `doc:${documents}`, '-k', `n:${list('n', Math.ceil(flows / 10))}`];
}
