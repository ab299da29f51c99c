import { basename, resolve } from 'node:path';
import { StepFailure } from '../errors.js';
import type { Flow, Input } from '../flow/flow.js';
import type { Contents } from './contents.js';
import type { Key } from './key.js';
import { Paths } from './paths.js';

/** What templates and functions ask of a flow's inputs. */
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
