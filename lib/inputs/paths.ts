import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Writes listed paths so that they work in the folder where a step runs. */
export class Paths {
  readonly #repositories = new Map<string, string | null>();

  /**
   * @param path as listed
   * @param base absolute folder that the path resolves against
   * @param folder absolute folder that the step runs in
   * @param apart it runs in another checkout, in the folder that is the same there
   * @returns the path as listed where the folders are one; else relative to the folder when both lie in the same
   * repository, else absolute
   */
  from(path: string, base: string, folder: string, apart = false): string {
    if (folder === base && !apart) return path;
    const file = resolve(base, path);
    const repository = this.#repositoryOf(dirname(file));
    if (repository === null || repository !== this.#repositoryOf(folder)) return file;
    return relative(folder, file);
  }

  /** The nearest folder upwards that holds `.git` (a folder, or a file in a worktree). */
  #repositoryOf(folder: string): string | null {
    const known = this.#repositories.get(folder);
    if (known !== undefined) return known;
    const parent = dirname(folder);
    const found = existsSync(join(folder, '.git'))
      ? folder
      : parent === folder
        ? null
        : this.#repositoryOf(parent);
    this.#repositories.set(folder, found);
    return found;
  }
}
