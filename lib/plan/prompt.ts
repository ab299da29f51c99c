import { resolve } from 'node:path';
import type { Key } from '../inputs/key.js';
import type { Placeholder } from '../util/template.js';
import type { Axis, Entries } from './axes.js';
import type { KeyTexts } from './key-texts.js';
import type { PlanStep } from './plan-step.js';
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
