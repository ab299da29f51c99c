import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Key } from '../inputs/key.js';

/** Bytes of every file that the keys list, by absolute path; of one that is gone meanwhile 0. */
export function sizesOf(keys: readonly Key[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { base, paths } of keys) {
    for (const path of new Set(paths)) {
      const file = resolve(base, path);
      if (!sizes.has(file)) sizes.set(file, statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    }
  }
  return sizes;
}
