import { CLI, type Program } from './measure.js';
import { list, scratch } from './scratch.js';

/** How many entries two keys have. */
type Pair = Readonly<Record<'a' | 'b', number>>;

/** The library over a product of lists of values, three function steps. */
export function library(options: {
  readonly keys: Readonly<Record<string, number>>;
  readonly parallel: number;
  readonly middle?: boolean;
  readonly ndjson?: boolean;
  /** Where the run is kept. */
  readonly generated?: string;
}): Program {
  return { file: 'programs/library.js', args: [JSON.stringify(options)] };
}

/** One of the other sides, which count flows. */
export function other(file: string, flows: number, parallel = 100): Program {
  return { file, args: [JSON.stringify({ flows, parallel })] };
}

/** The command line over two lists of files, three module steps, NDJSON to a file; nothing is kept. */
export function commandLine(keys: Pair, stdout: string): Program {
  return { file: CLI, args: [...noopArgs(keys), '--no-journal'], stdout };
}

export function noopArgs({ a, b }: Pair): string[] {
  const keys = ['-k', `a:${list('a', a)}`, '-k', `b:${list('b', b)}`];
  return ['run', 'configs/noop.json', '--parallel', '100', ...keys];
}

/** Words for a run that is kept, as runs are, but not among the bench's files. */
export function keptAside(): string[] {
  return ['--generated', scratch('generated')];
}

/** Two lists of so many values each make `flows`, a square number. */
export function square(flows: number): Pair {
  const side = Math.round(Math.sqrt(flows));
  return { a: side, b: side };
}
