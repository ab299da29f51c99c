import { interleaved } from '../measure.js';
import { commandLine, library, other, square } from '../programs.js';
import { row } from '../rows.js';
import { scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';
import { peakMB } from '../statistics.js';
import { megabytes } from '../units.js';

/** Peak memory over a million flows of three steps that do nothing. */
export async function memory({ runs, part }: Size): Promise<Row[]> {
  const keys = square(1_000_000 * part);
  const measured = await interleaved(
    {
      loop: other('programs/loop.js', 1_000_000 * part),
      library: library({ keys, parallel: 100 }),
      wide: library({ keys, parallel: 10_000 }),
      'command line': commandLine(keys, scratch('memory.ndjson')),
    },
    runs,
  );
  const loop = `loop ${megabytes(peakMB(measured('loop')))}`;
  const atMost = (what: string, side: 'library' | 'wide' | 'command line', most: number) => {
    const value = peakMB(measured(side));
    return row({
      figure: '1 memory',
      what,
      ours: megabytes(value),
      other: loop,
      value,
      target: { atMost: most },
    });
  };
  return [
    atMost('library, 100 in flight', 'library', 150),
    atMost('library, 10,000 in flight', 'wide', 200),
    atMost('CLI, module steps, two lists, NDJSON to a file', 'command line', 180),
  ];
}
