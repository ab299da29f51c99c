import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What a run has left on the disk, read as anybody would: nothing of lib/ is asked.
 */

/** The folder of the only run there. */
export function runIn(generated: string): string {
  const [run = ''] = readdirSync(generated).filter((name) => name.startsWith('run_'));
  return join(generated, run);
}

/** The steps whose whole line is in the run's journal, and is signed, in order: `draft doc 17`. */
export function finishedIn(run: string): readonly string[] {
  const outputOf = ({ output, outputFile }: { output?: string; outputFile?: string }) =>
    output ?? readFileSync(fileOf(join(run, 'outputs', outputFile ?? '')), 'utf8');
  const lines = linesOf(join(run, 'journal.ndjson')).map((line) => JSON.parse(line));
  const signed = lines.slice(0, lines.findLastIndex((line) => 'mac' in line) + 1);
  return signed.filter((line) => 'key' in line).map((line) => nameOf(line.record.name, outputOf(line)));
}

/** It has its name when it is synced. */
function fileOf(output: string): string {
  return existsSync(output) ? output : `${output}.part`;
}

/** What is called: the step, and for which of the contents (`draft doc 17`). */
export function nameOf(step: string, text: string): string {
  return `${step} ${/doc \w+/.exec(text)?.[0]}`;
}

/** Whole ones only. */
export function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
