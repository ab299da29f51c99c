import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Flow } from '../flow.js';
import type { Key } from './key.js';

/** How long the contents are that flows put in, in bytes; each file is looked at once. */
export class Sizes {
  readonly #bases: ReadonlyMap<string, string>;
  readonly #known = new Map<string, number>();

  constructor(keys: readonly Pick<Key, 'name' | 'base'>[]) {
    this.#bases = new Map(keys.map(({ name, base }) => [name, base]));
  }

  /** 0 for a file that is gone. */
  of({ inputs }: Flow, key: string): number {
    const { path = null, value = '' } = inputs[key] ?? {};
    return path === null ? value.length : this.#ofFile(resolve(this.#bases.get(key) ?? '', path));
  }

  #ofFile(file: string): number {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    this.#known.set(file, size);
    return size;
  }
}
