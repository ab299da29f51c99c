import type { Issue } from '../errors.js';
import { type Key, pathKey, valueKey } from './key.js';
import {
  isPaths,
  type KeySource,
  type KnownKey,
  keyNameMistake,
  type ListSource,
  sourceMistake,
} from './key-source.js';
import { type BadList, inPlaceOf, type Line, parseList, readList } from './list.js';
import { listedIssues, listedWarnings, type Naming } from './listed.js';

/** Keys that are ready to be multiplied, unless there are issues. */
export interface LoadedKeys {
  readonly keys: readonly Key[];
  /** All keys with a valid name, with issues or not: the check of the steps uses them. */
  readonly known: readonly KnownKey[];
  /** Names that no key can have. */
  readonly broken: readonly string[];
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

interface LoadedKey {
  readonly known: readonly KnownKey[];
  readonly ready: readonly Key[];
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Reads the lists and checks every file that they name. Relative paths resolve against `cwd` (absolute). */
export async function loadKeys(
  sources: Readonly<Record<string, KeySource>>,
  cwd: string,
): Promise<LoadedKeys> {
  const loads = Object.entries(sources).map(([name, source], place) => {
    const where = `key ${name}`;
    const nameless = keyNameMistake(name);
    if (nameless !== null) return { ...rejected(name, { where, message: nameless }), known: [] };
    const mistake = sourceMistake(source, place === 0);
    return mistake === null ? loadKey(name, source, cwd) : rejected(name, { where, message: mistake });
  });
  const loaded = await Promise.all(loads);
  return {
    keys: loaded.flatMap(({ ready }) => ready),
    known: loaded.flatMap(({ known }) => known),
    broken: Object.keys(sources).filter((name) => keyNameMistake(name) !== null),
    issues: loaded.flatMap(({ issues }) => issues),
    warnings: loaded.flatMap(({ warnings }) => warnings),
  };
}

async function loadKey(name: string, source: KeySource, cwd: string): Promise<LoadedKey> {
  if (isPaths(source)) {
    const lines = source.map((path, line) => ({ path, line }));
    return checked(name, cwd, lines, {
      list: `keys.${name}`,
      key: name,
      at: (line) => `keys.${name}[${line}]`,
    });
  }
  if ('list' in source) return loadList(name, source, cwd);
  const key = valueKey(name, cwd, source.values);
  return ready(key, [], []);
}

async function loadList(name: string, source: ListSource, cwd: string): Promise<LoadedKey> {
  const { list, text } = source;
  const lines = text === undefined ? await readList(list, cwd) : parseList(text);
  if ('message' in lines) return rejected(name, { where: list, message: refusal(lines, name) });
  return checked(name, source.base ?? cwd, lines, { list, key: name, at: (line) => `${list}:${line}` });
}

function refusal({ message, instead }: BadList, key: string): string {
  return `${message} (key ${key})${instead && `; ${inPlaceOf(instead, key)}`}`;
}

async function checked(
  name: string,
  base: string,
  lines: readonly Line[],
  naming: Naming,
): Promise<LoadedKey> {
  const paths = lines.map(({ path }) => path);
  const key = pathKey(name, base, paths);
  const distinct = new Set(paths);
  const issues = await listedIssues(lines, distinct, base, naming);
  return ready(key, issues, listedWarnings(lines, distinct, naming));
}

/** In code an empty list may be intended; a warning explains why nothing runs. */
function ready(key: Key, issues: readonly Issue[], warnings: readonly Issue[]): LoadedKey {
  const message = 'it is empty, so there are no flows';
  const none = key.count === 0 ? [{ where: `key ${key.name}`, message }] : [];
  return { known: [key], ready: [key], issues, warnings: [...warnings, ...none] };
}

function rejected(name: string, issue: Issue): LoadedKey {
  return { known: [{ name, values: false }], ready: [], issues: [issue], warnings: [] };
}
