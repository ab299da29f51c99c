import { isIdentifier } from '../util/template.js';

/** A list file, resolved against the working directory; its lines resolve against `base`. */
export interface ListSource {
  /** As the user named it. */
  readonly list: string;
  /** Absolute folder. Default: the working directory. */
  readonly base?: string;
  /** The list's text, where it was read already: from stdin, or a pipe. */
  readonly text?: string;
}

/** Values given in code; iterated anew in every round of the keys before it. */
export interface ValueSource {
  readonly values: Iterable<string>;
}

/** Where a key's entries come from: paths or values given in code, or a list. */
export type KeySource = readonly string[] | ValueSource | ListSource;

/** A key as placeholders see it, even when its list can't be used. */
export interface KnownKey {
  readonly name: string;
  /** True if it has values given in code instead of paths. */
  readonly values: boolean;
}

const RESERVED: ReadonlySet<string> = new Set(['previous', 'steps', '__proto__']);

export function isPaths(source: KeySource): source is readonly string[] {
  return Array.isArray(source);
}

/** Why a key can't have this name; null when it can. */
export function keyNameMistake(name: string): string | null {
  if (RESERVED.has(name)) return 'the name is reserved; choose another one';
  if (isIdentifier(name)) return null;
  return 'not a valid name for a key; expected letters, digits, _ and -, a letter or _ first';
}

/** Why nothing can be read from a source, whatever its caller passed; null when it can. */
export function sourceMistake(source: unknown, isFirst: boolean): string | null {
  if (Array.isArray(source)) return pathsMistake(source);
  if (typeof source !== 'object' || source === null) return expected;
  if ('list' in source && 'values' in source) return 'has values and a list; give one of them';
  if ('list' in source) return listMistake(source.list);
  return 'values' in source ? valuesMistake(source.values, isFirst) : expected;
}

const expected = 'expected a list of paths, { values: … } or { list: … }';

function listMistake(list: unknown): string | null {
  if (typeof list !== 'string') return expected;
  return list === '-'
    ? 'stdin (-) is for --key on the command line only; name a file that lists paths'
    : null;
}

function pathsMistake(paths: readonly unknown[]): string | null {
  const index = paths.findIndex((path) => typeof path !== 'string' || path === '');
  if (index < 0) return null;
  const path = paths[index];
  return `entry ${index} is ${path === '' ? 'an empty path' : `of type ${typeof path}`}; expected paths only`;
}

function valuesMistake(values: unknown, isFirst: boolean): string | null {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
    return "its values aren't a list; expected an iterable of strings";
  }
  if (isFirst || !('next' in values)) return null;
  return 'its values can be iterated only once, but each entry of the keys before it needs them; give an array';
}
