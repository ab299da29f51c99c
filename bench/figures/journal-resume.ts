import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CLI, interleaved, measure, type Program } from '../measure.js';
import { square } from '../programs.js';
import { row } from '../rows.js';
import { list, scratch } from '../scratch.js';
import type { Row, Size } from '../shapes.js';
import { medianOf, peakMB, wallMs } from '../statistics.js';
import { megabytes, seconds, thousandsPerSecond } from '../units.js';

const figure = '8 journal';

/** A run of a million flows that are done gets a file more: when its first step is called, before all others or after them. */
export async function goingOn({ runs, part }: Size): Promise<Row[]> {
  const flows = 1_000_000 * part;
  const { a, b } = square(flows);
  const [before, after] = [list('a', a), list('b', b)];
  const generated = ['--generated', scratch('resumed')];
  const stdout = scratch('resumed.ndjson');
  const keys = ['-k', `a:${before}`, '-k', `b:${after}`];
  const options = ['--parallel', '100', ...generated];
  await measure({ file: CLI, args: ['run', 'configs/first-call.json', ...keys, ...options], stdout });
  const resumed = (place: 'first' | 'last'): Program => {
    const more = scratch(`more-${place}.txt`);
    return {
      file: CLI,
      args: ['run', '--resume', 'last', '-k', `a:${more}`, ...options],
      stdout,
      before: () => writeFileSync(more, withOneMore(readFileSync(before, 'utf8'), place)),
    };
  };
  const measured = await interleaved({ 'new first': resumed('first'), 'new last': resumed('last') }, runs);
  rmSync(scratch('resumed'), { recursive: true });
  const calledAfter = (side: 'new first' | 'new last') => {
    const value = medianOf(measured(side), 'firstCallMs') / 1000;
    return row({
      figure,
      what: `CLI, ${flows} flows done: until the first call, ${side}, s`,
      ours: seconds(1000 * value),
      value,
      target: { atMost: 15 },
    });
  };
  const peak = Math.max(peakMB(measured('new first')), peakMB(measured('new last')));
  const replayed = (flows * 1000) / wallMs(measured('new last'));
  return [
    calledAfter('new first'),
    calledAfter('new last'),
    row({
      figure,
      what: `peak memory with ${flows} flows done`,
      ours: megabytes(peak),
      value: peak,
      target: { atMost: 300 },
    }),
    row({
      figure,
      what: 'flows replayed a second, start-up included',
      ours: thousandsPerSecond(replayed),
      value: replayed,
    }),
  ];
}

let files = 0;

/** A list with a file that no run has seen yet. */
function withOneMore(text: string, place: 'first' | 'last'): string {
  const file = scratch(`new-${files++}.txt`);
  appendFileSync(file, file);
  return place === 'first' ? `${file}\n${text}` : `${text}${file}\n`;
}
