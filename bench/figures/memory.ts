import { interleaved, type Program } from '../measure.js';
import { commandLine, hasModuleSteps, library, other, square } from '../programs.js';
import { notYet, row } from '../rows.js';
import { scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';
import { peakMB } from '../statistics.js';
import { megabytes } from '../units.js';

const figure = '1 memory';

/** Peak memory over a million flows of three steps that do nothing. */
export async function memory({ runs, part }: Size): Promise<Row[]> {
  const keys = square(1_000_000 * part);
  const measured = await interleaved(
    {
      loop: other('programs/loop.js', 1_000_000 * part),
      library: library({ keys, parallel: 100 }),
      wide: library({ keys, parallel: 10_000 }),
    },
    runs,
  );
  const loop = `loop ${megabytes(peakMB(measured('loop')))}`;
  const atMost = (what: string, value: number, most: number, against?: string) =>
    row({
      figure,
      what,
      ours: megabytes(value),
      value,
      target: { atMost: most },
      ...(against && { other: against }),
    });
  return [
    atMost('library, 100 in flight', peakMB(measured('library')), 150, loop),
    atMost('library, 10,000 in flight', peakMB(measured('wide')), 200),
    await ofCommandLine(commandLine(keys.a ?? 0, keys.b ?? 0, scratch('memory.ndjson')), runs),
  ];

  async function ofCommandLine(program: Program, times: number): Promise<Row> {
    const what = 'CLI, module steps, two lists, NDJSON to a file';
    if (!hasModuleSteps()) return notYet(figure, what, 'no module steps yet');
    const measuredCli = await interleaved({ 'command line': program }, times);
    return atMost(what, peakMB(measuredCli('command line')), 180);
  }
}
