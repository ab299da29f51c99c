import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { StepFailure } from '../errors.js';
import type { Flow, Input } from '../flow/flow.js';
import type { Contents } from './contents.js';
import type { Key } from './key.js';

/** Access to a flow's inputs, for templates and functions. */
export class Inputs {
  readonly #bases: ReadonlyMap<string, string>;
  readonly #contents: Contents;
  readonly #paths = new Paths();

  constructor(keys: readonly Key[], contents: Contents) {
    this.#bases = new Map(keys.map(({ name, base }) => [name, base]));
    this.#contents = contents;
  }

  /** The value, or the file's text. Throws or rejects with a StepFailure `input`. */
  content(flow: Flow, key: string): string | Promise<string> {
    const { path, value, sha256 } = this.#input(flow, key);
    if (value !== undefined || path === null) return value ?? '';
    return this.#contents.text({ file: resolve(this.#base(key), path), path, key }, sha256);
  }

  /**
   * The path as listed, or as it is written for a step that runs in `folder` (absolute), where it is never an option
   * of a command; empty for a value. `apart`: the step runs in the same folder of another checkout.
   */
  path(flow: Flow, key: string, folder?: string, apart = false): string {
    const { path } = this.#input(flow, key);
    if (path === null || folder === undefined) return path ?? '';
    return noOption(this.#paths.from(path, this.#base(key), folder, apart));
  }

  /** The path's base name; empty for a value. For a step that runs in `folder` it is never an option of a command, either. */
  file(flow: Flow, key: string, folder?: string): string {
    const name = basename(this.#input(flow, key).path ?? '');
    return folder === undefined ? name : noOption(name);
  }

  #input(flow: Flow, key: string): Input {
    const input = Object.hasOwn(flow.inputs, key) ? flow.inputs[key] : undefined;
    if (input && this.#bases.has(key)) return input;
    const known = [...this.#bases.keys()].join(', ') || 'none';
    throw new StepFailure('operator', `the flow has no input "${key}"; keys: ${known}`);
  }

  #base(key: string): string {
    return this.#bases.get(key) ?? '';
  }
}

/** The same file, by a path that no command takes for an option. */
function noOption(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

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
