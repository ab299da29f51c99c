import { basename, resolve } from 'node:path';
import { MOST_TEXT_BYTES, readBounded } from '../files/bounded-file.js';
import type { Key } from '../inputs/key.js';
import type { Placeholder } from '../util/template.js';
import { decodeUtf8 } from '../util/utf8.js';
import type { Part, PlanStep } from './plan-step.js';
import { type Counted, counted, tokensOf } from './token-sum.js';
import type { Tokenizer } from './tokenizer.js';

/** Counts the prompts of one step; its own words are counted once. */
export class Prompt {
  readonly #templates: readonly (readonly (Counted | Placeholder)[])[];
  readonly #schema: number;
  /** Bytes of its own words, about, and of the schema. */
  readonly #ownBytes: number;
  readonly #placeholders: readonly Placeholder[];
  readonly #texts: KeyTexts;
  readonly #tokenizer: Tokenizer;
  /** Some text was too long to be counted. */
  estimated = false;

  constructor({ templates, call }: PlanStep, texts: KeyTexts, tokenizer: Tokenizer) {
    this.#texts = texts;
    this.#tokenizer = tokenizer;
    const schema = call?.schema ? JSON.stringify(call.schema) : '';
    this.#schema = tokenizer.count(schema);
    const parts = templates.flatMap((template) => template.parts);
    this.#ownBytes = parts.reduce(
      (sum, part) => sum + (typeof part === 'string' ? part.length : 0),
      schema.length,
    );
    this.#placeholders = parts.filter((part) => typeof part !== 'string');
    this.#templates = templates.map(({ parts }) =>
      parts.map((part) => (typeof part === 'string' ? counted(part, tokenizer) : part)),
    );
  }

  /** With these entries, and without outputs of earlier steps. */
  async tokens(entries: Entries): Promise<number> {
    let tokens = this.#schema;
    for (const template of this.#templates) {
      const row: Counted[] = [];
      for (const part of template)
        row.push(...('kind' in part ? await this.#inserted(part, entries) : [part]));
      this.estimated ||= row.some(({ estimated }) => estimated);
      tokens += tokensOf(row, this.#tokenizer);
    }
    return tokens;
  }

  /** How long it is with these entries, about. @param sizes bytes of the listed files, by absolute path */
  bytes(entries: Entries, sizes: Sizes): number {
    return this.#placeholders.reduce((sum, placeholder) => {
      const entry = 'key' in placeholder ? entries.get(placeholder.key) : undefined;
      return sum + (entry ? bytesOf(placeholder, entry.key, entry.path, sizes) : 0);
    }, this.#ownBytes);
  }

  /** The same on average over all flows. */
  meanBytes(axes: readonly Axis[], sizes: Sizes): number {
    return this.#placeholders.reduce((sum, placeholder) => {
      const axis = 'key' in placeholder ? axes.find(({ key }) => key.name === placeholder.key) : undefined;
      return sum + (axis ? meanBytesOf(placeholder, axis, sizes) : 0);
    }, this.#ownBytes);
  }

  async #inserted(placeholder: Placeholder, entries: Entries): Promise<readonly Counted[]> {
    const entry = 'key' in placeholder ? entries.get(placeholder.key) : undefined;
    if (!('key' in placeholder) || !entry) return [];
    return this.#texts.parts(entry.key, entry.path, placeholder.kind);
  }
}

type Sizes = ReadonlyMap<string, number>;

function bytesOf({ kind }: Placeholder, key: Key, path: string, sizes: Sizes): number {
  return kind === 'content' ? (sizes.get(resolve(key.base, path)) ?? 0) : path.length;
}

function meanBytesOf(placeholder: Placeholder, { key, lines }: Axis, sizes: Sizes): number {
  let [bytes, count] = [0, 0];
  for (const [path, times] of lines) {
    bytes += times * bytesOf(placeholder, key, path, sizes);
    count += times;
  }
  return bytes / Math.max(1, count);
}

/** A key that a step puts in: its different paths, and on how many lines of the list each stands. */
export interface Axis {
  readonly key: Key;
  readonly paths: readonly string[];
  readonly lines: ReadonlyMap<string, number>;
  /** True if contents are inserted. */
  readonly reads: boolean;
}

/** The entries that one prompt inserts, by the key's name. */
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

/** The entries that a step inserts for the flow at a position of the product of all keys. */
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

const EMPTY = '';

/** The texts inserted for the entries of keys, counted once each. */
export class KeyTexts {
  readonly #tokenizer: Tokenizer;
  readonly #appendFilepath: boolean;
  readonly #counted = new Map<string, readonly Counted[]>();
  /** Files that aren't text, or are too large for one: their flows are going to fail. */
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
