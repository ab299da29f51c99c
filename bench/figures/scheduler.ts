import { interleaved, type Measured } from '../measure.js';
import { commandLine, library, other, square } from '../programs.js';
import { row } from '../rows.js';
import { scratch } from '../scratch.js';
import type { Row, Size, Target } from '../shapes.js';
import { flowsPerSecond, wallMs } from '../statistics.js';
import { thousandsPerSecond } from '../units.js';

const figure = '2 scheduler';

/** Flows a second, three steps that do nothing, 100 in flight. */
export async function scheduler({ runs, part }: Size): Promise<Row[]> {
  const flows = 1_000_000 * part;
  const keys = square(flows);
  const measured = await interleaved(
    {
      loop: other('programs/loop.js', flows),
      'loop over texts': other('programs/loop-over-texts.js', flows),
      library: library({ keys, parallel: 100 }),
      'p-map': other('peers/p-map.js', flows),
      Effect: other('peers/effect.js', flows),
      // A million would take it minutes and all memory.
      'LangChain.js': other('peers/langchain.js', 100_000 * part),
      'library, foreign operator': library({ keys, parallel: 100, middle: true }),
      'command line': commandLine(keys, scratch('scheduler.ndjson')),
    },
    runs,
  );
  type Side = Parameters<typeof measured>[0];
  const against = (what: string, ours: Side, theirs: Side, target?: Target) => {
    const mine = flowsPerSecond(measured(ours));
    const other = flowsPerSecond(measured(theirs));
    return row({
      figure,
      what,
      ours: thousandsPerSecond(mine),
      other: `${theirs} ${thousandsPerSecond(other)}`,
      value: mine / other,
      ...(target && { target }),
    });
  };
  return [
    against('library', 'library', 'loop', { atLeast: 0.2 }),
    against('library', 'library', 'Effect', { atLeast: 1.2 }),
    against('library', 'library', 'LangChain.js', { atLeast: 35 }),
    against('library', 'library', 'p-map'),
    against('library', 'library', 'loop over texts'),
    against('library, a foreign operator between', 'library, foreign operator', 'loop', { atLeast: 0.1 }),
    toFile(flows, measured('command line')),
  ];
}

function toFile(flows: number, measured: readonly Measured[]): Row {
  const value = (flows * 1000) / wallMs(measured);
  return row({
    figure,
    what: 'CLI, NDJSON to a file, start-up included, flows/s',
    ours: thousandsPerSecond(value),
    value,
    target: { atLeast: 80_000 },
  });
}
