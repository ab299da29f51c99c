import type { Key } from '../inputs/key.js';
import type { PlanStep } from './plan-step.js';

/** A key that a step puts in: its different paths, and on how many lines of the list each stands. */
export interface Axis {
  readonly key: Key;
  readonly paths: readonly string[];
  readonly lines: ReadonlyMap<string, number>;
  /** Whether contents are put in. */
  readonly reads: boolean;
}

/** What one prompt puts in, by the key's name. */
export type Entries = ReadonlyMap<string, AxisEntry>;

interface AxisEntry {
  readonly key: Key;
  readonly path: string;
  readonly lines: number;
}

export function axesOf(step: PlanStep, keys: readonly Key[]): Axis[] {
  return keys.flatMap((key) => {
    const parts = step.keys.get(key.name);
    if (!parts) return [];
    const lines = new Map<string, number>();
    for (const path of key.paths) lines.set(path, (lines.get(path) ?? 0) + 1);
    return [{ key, paths: [...lines.keys()], lines, reads: parts.has('content') }];
  });
}

/** The prompt at a position of the product; the last key varies fastest. */
export function entriesAt(index: number, axes: readonly Axis[]): Entries {
  const entries = new Map<string, AxisEntry>();
  let rest = index;
  for (const { key, paths, lines } of axes.toReversed()) {
    const path = paths[rest % paths.length] ?? '';
    entries.set(key.name, { key, path, lines: lines.get(path) ?? 1 });
    rest = Math.floor(rest / paths.length);
  }
  return entries;
}

/** How many combinations of lines have these entries. */
export function weightOf(entries: Entries): number {
  return [...entries.values()].reduce((product, { lines }) => product * lines, 1);
}

/** How many lines its list has. */
export function linesOf({ lines }: Axis): number {
  return [...lines.values()].reduce((sum, count) => sum + count, 0);
}

/** What a step puts in for the flow at a position of the product of all keys. */
export function entriesOfFlow(index: number, keys: readonly Key[], axes: readonly Axis[]): Entries {
  const paths = new Map<string, string>();
  let rest = index;
  for (const key of keys.toReversed()) {
    const lines = Math.max(1, key.paths.length);
    paths.set(key.name, key.paths[rest % lines] ?? '');
    rest = Math.floor(rest / lines);
  }
  return new Map(
    axes.map(({ key, lines }) => {
      const path = paths.get(key.name) ?? '';
      return [key.name, { key, path, lines: lines.get(path) ?? 1 }];
    }),
  );
}
