import { basename, resolve } from 'node:path';
import { MOST_TEXT_BYTES, readBounded } from '../files/bounded-file.js';
import type { Key } from '../inputs/key.js';
import { decodeUtf8 } from '../util/utf8.js';
import type { Part } from './plan-step.js';
import { type Counted, counted } from './token-sum.js';
import type { Tokenizer } from './tokenizer.js';

const EMPTY = '';

/** What is put in for the entries of keys, counted once each. */
export class KeyTexts {
  readonly #tokenizer: Tokenizer;
  readonly #appendFilepath: boolean;
  readonly #counted = new Map<string, readonly Counted[]>();
  /** Files that are no text, or too large for one: their flows are going to fail. */
  readonly unreadable = new Set<string>();

  constructor(tokenizer: Tokenizer, appendFilepath: boolean) {
    this.#tokenizer = tokenizer;
    this.#appendFilepath = appendFilepath;
  }

  async parts(key: Key, path: string, part: Part): Promise<readonly Counted[]> {
    const name = `${part} ${resolve(key.base, path)} ${path}`;
    const known = this.#counted.get(name);
    if (known) return known;
    const texts = await this.#texts(key, path, part);
    const parts = texts.map((text) => counted(text, this.#tokenizer));
    this.#counted.set(name, parts);
    return parts;
  }

  async #texts(key: Key, path: string, part: Part): Promise<string[]> {
    if (part === 'path') return [path];
    if (part === 'file') return [basename(path)];
    const content = await this.#content(resolve(key.base, path));
    return this.#appendFilepath ? [content, `\n${path}`] : [content];
  }

  async #content(file: string): Promise<string> {
    try {
      return decodeUtf8(await readBounded(file, MOST_TEXT_BYTES));
    } catch {
      this.unreadable.add(file);
      return EMPTY;
    }
  }
}
