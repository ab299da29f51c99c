import { resolve } from 'node:path';
import type { Input } from '../../flow/flow.js';
import { Contents } from '../../inputs/contents.js';

type Inputs = Readonly<Record<string, Input>>;

/** Tells which inputs aren't any more what a run has read. Each file is read once. */
export class InputsNow {
  readonly #bases: Readonly<Record<string, string>>;
  readonly #contents = new Contents();

  /** @param bases absolute folders that the keys' paths lead from, by the key's name */
  constructor(bases: Readonly<Record<string, string>>) {
    this.#bases = bases;
  }

  /** Paths whose file is another one by now, or gone. Those of keys that the run says nothing of count as they were. */
  async changed(inputs: Inputs): Promise<string[]> {
    const changed: string[] = [];
    for (const [key, { path, sha256 }] of Object.entries(inputs)) {
      const base = this.#bases[key];
      if (path === null || base === undefined) continue;
      if ((await this.#hash(key, path, base)) !== sha256) changed.push(path);
    }
    return changed;
  }

  /** Null where it can't be read. */
  async #hash(key: string, path: string, base: string): Promise<string | null> {
    try {
      return await this.#contents.hash({ key, file: resolve(base, path), path }, false);
    } catch {
      return null;
    }
  }
}
