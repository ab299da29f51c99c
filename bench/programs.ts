import { existsSync } from 'node:fs';
import { CLI, type Program } from './measure.js';
import { list } from './scratch.js';

/** The library over a product of lists of values, three function steps. */
export function library(options: {
  readonly keys: Readonly<Record<string, number>>;
  readonly parallel: number;
  readonly middle?: boolean;
  readonly ndjson?: boolean;
}): Program {
  return { file: 'programs/library.js', args: [JSON.stringify(options)] };
}

/** One of the other sides, which count flows. */
export function other(file: string, flows: number, parallel = 100): Program {
  return { file, args: [JSON.stringify({ flows, parallel })] };
}

/** The command line over two lists of files, three module steps, NDJSON to a file. */
export function commandLine(a: number, b: number, stdout: string): Program {
  return { file: CLI, args: noopArgs(a, b), stdout };
}

export function noopArgs(a: number, b: number): string[] {
  const keys = ['-k', `a:${list('a', a)}`, '-k', `b:${list('b', b)}`];
  return ['run', 'configs/noop.json', '--parallel', '100', ...keys];
}

/** Whether this version of the package has steps of type `module`. */
export function hasModuleSteps(): boolean {
  return existsSync(new URL('../dist/steps/module.js', import.meta.url));
}

/** Two lists of so many values each make `flows`, a square number. */
export function square(flows: number): Readonly<Record<string, number>> {
  const side = Math.round(Math.sqrt(flows));
  return { a: side, b: side };
}
