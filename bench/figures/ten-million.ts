import { interleaved } from '../measure.js';
import { library, square } from '../programs.js';
import { row } from '../rows.js';
import type { Row, Size } from '../shapes.js';
import { medianOf, peakMB } from '../statistics.js';
import { megabytes, milliseconds } from '../units.js';

/** Whether ten times the flows take the memory and the pace of a million. Once: a run takes minutes. */
export async function tenMillion({ part }: Size): Promise<Row[]> {
  const keys = square(1_000_000 * part);
  const measured = await interleaved(
    {
      million: library({ keys, parallel: 100 }),
      'ten million': library({ keys: { ...keys, c: 10 }, parallel: 100 }),
    },
    1,
  );
  const [few, many] = [peakMB(measured('million')), peakMB(measured('ten million'))];
  const first = medianOf(measured('ten million'), 'firstMs');
  const last = medianOf(measured('ten million'), 'lastMs');
  return [
    row({
      figure: '1 memory',
      what: 'library, 10,000,000 flows',
      ours: megabytes(many),
      other: `1,000,000 flows ${megabytes(few)}`,
      value: many / few,
      target: { atMost: 1.1 },
    }),
    row({
      figure: '2 scheduler',
      what: 'last 100,000 of 10,000,000',
      ours: milliseconds(last),
      other: `first 100,000 ${milliseconds(first)}`,
      value: last / first,
      target: { atMost: 1 },
    }),
  ];
}
