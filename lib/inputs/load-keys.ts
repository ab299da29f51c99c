import type { Issue } from '../errors.js';
import { type Key, pathKey, valueKey } from './key.js';
import { isPaths, type KeySource, keyNameMistake, type ListSource, sourceMistake } from './key-source.js';
import { type Line, parseList, readList } from './list.js';
import { listedIssues, listedWarnings, type Naming } from './listed.js';

/** Keys that are ready to be multiplied, unless there are issues. */
export interface LoadedKeys {
  readonly keys: readonly Key[];
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Reads the lists and checks every file that they name. Relative paths resolve against `cwd` (absolute). */
export async function loadKeys(
  sources: Readonly<Record<string, KeySource>>,
  cwd: string,
): Promise<LoadedKeys> {
  const loads = Object.entries(sources).map(([name, source], place) => {
    const mistake = keyNameMistake(name) ?? sourceMistake(source, place === 0);
    return mistake === null
      ? loadKey(name, source, cwd)
      : rejected([{ where: `key ${name}`, message: mistake }]);
  });
  const loaded = await Promise.all(loads);
  return {
    keys: loaded.flatMap(({ keys }) => keys),
    issues: loaded.flatMap(({ issues }) => issues),
    warnings: loaded.flatMap(({ warnings }) => warnings),
  };
}

async function loadKey(name: string, source: KeySource, cwd: string): Promise<LoadedKeys> {
  if (isPaths(source)) {
    const lines = source.map((path, line) => ({ path, line }));
    return checked(name, cwd, lines, { list: `keys.${name}`, at: (line) => `keys.${name}[${line}]` });
  }
  if ('list' in source) return loadList(name, source, cwd);
  return { keys: [valueKey(name, cwd, source.values)], issues: [], warnings: [] };
}

async function loadList(name: string, source: ListSource, cwd: string): Promise<LoadedKeys> {
  const { list, text } = source;
  const lines = text === undefined ? await readList(list, cwd) : parseList(list, text);
  if ('message' in lines) return rejected([{ ...lines, message: `${lines.message} (key ${name})` }]);
  return checked(name, source.base ?? cwd, lines, { list, at: (line) => `${list}:${line}` });
}

/** The key, when all its files can be used. */
async function checked(
  name: string,
  base: string,
  lines: readonly Line[],
  naming: Naming,
): Promise<LoadedKeys> {
  const issues = await listedIssues(lines, base, naming);
  const key = pathKey(
    name,
    base,
    lines.map(({ path }) => path),
  );
  return { keys: [key], issues, warnings: listedWarnings(lines, naming) };
}

function rejected(issues: readonly Issue[]): LoadedKeys {
  return { keys: [], issues, warnings: [] };
}
