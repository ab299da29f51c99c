import { relative, resolve } from 'node:path';

/** Paths by name. */
export type Paths = Readonly<Record<string, string>>;

/**
 * Paths in `run.json`: relative to the run's folder, so that they still hold when the project has moved with it.
 * Absolute ones, of earlier versions, are read as they are.
 */
export class RunPaths {
  readonly #folder: string;

  /** @param folder the run's */
  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  /** As it is kept. */
  kept(path: string): string {
    return relative(this.#folder, path);
  }

  /** Absolute. */
  read(path: string): string {
    return resolve(this.#folder, path);
  }
}
