import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Flow } from '../flow/flow.js';
import type { Key } from './key.js';

/** How long the contents are that flows put in, in bytes; each file is looked at once. */
export class Sizes {
  readonly #keys: ReadonlyMap<string, SizesOfKey>;

  constructor(keys: readonly Pick<Key, 'name' | 'base'>[]) {
    this.#keys = new Map(keys.map(({ name, base }) => [name, { base, known: new Map() }]));
  }

  /** 0 for a missing file. */
  of({ inputs }: Flow, key: string): number {
    const { path = null, value = '' } = inputs[key] ?? {};
    if (path === null) return value.length;
    const ofKey = this.#keys.get(key);
    return ofKey ? sizeIn(ofKey, path) : 0;
  }
}

interface SizesOfKey {
  readonly base: string;
  /** By paths as they are listed: resolving one takes longer than all else. */
  readonly known: Map<string, number>;
}

function sizeIn({ base, known }: SizesOfKey, path: string): number {
  const size = known.get(path) ?? statSync(resolve(base, path), { throwIfNoEntry: false })?.size ?? 0;
  known.set(path, size);
  return size;
}

/** Bytes of every file that the keys list, by absolute path; 0 for one that vanished meanwhile. */
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
