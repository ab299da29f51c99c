import { type Counted, counted, tokensOf } from '../money/token-sum.js';
import type { Tokenizer } from '../money/tokenizer.js';
import type { Placeholder } from '../template.js';
import type { Entries } from './axes.js';
import type { KeyTexts } from './key-texts.js';
import type { PlanStep } from './plan-step.js';

/** Counts the prompts of one step; its own words are counted once. */
export class Prompt {
  readonly #templates: readonly (readonly (Counted | Placeholder)[])[];
  readonly #schema: number;
  readonly #texts: KeyTexts;
  readonly #tokenizer: Tokenizer;
  /** Some text was too long to be counted. */
  estimated = false;

  constructor({ templates, call }: PlanStep, texts: KeyTexts, tokenizer: Tokenizer) {
    this.#texts = texts;
    this.#tokenizer = tokenizer;
    this.#schema = call?.schema ? tokenizer.count(JSON.stringify(call.schema)) : 0;
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

  async #inserted(placeholder: Placeholder, entries: Entries): Promise<readonly Counted[]> {
    const entry = 'key' in placeholder ? entries.get(placeholder.key) : undefined;
    if (!('key' in placeholder) || !entry) return [];
    return this.#texts.parts(entry.key, entry.path, placeholder.kind);
  }
}
