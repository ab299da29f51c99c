import type { Key } from '../inputs/key.js';
import { type Tokenizer, tokenizerFor } from '../money/tokenizer.js';
import { KeyTexts } from './key-texts.js';
import type { PlanStep } from './plan-step.js';
import { Prompt } from './prompt.js';
import { type PromptTokens, promptTokens } from './prompt-tokens.js';

/** Counts the prompts of all steps; what several of them put in is read and counted once. */
export class PromptCounter {
  readonly #keys: readonly Key[];
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #appendFilepath: boolean;
  readonly #texts = new Map<Tokenizer, KeyTexts>();

  /** @param sizes bytes of the listed files, by absolute path */
  constructor(keys: readonly Key[], sizes: ReadonlyMap<string, number>, appendFilepath: boolean) {
    this.#keys = keys;
    this.#sizes = sizes;
    this.#appendFilepath = appendFilepath;
  }

  /** Null for a step that asks no model. */
  async count(step: PlanStep): Promise<PromptTokens | null> {
    if (!step.call) return null;
    const tokenizer = await tokenizerFor(step.call.model);
    const texts = this.#texts.get(tokenizer) ?? new KeyTexts(tokenizer, this.#appendFilepath);
    this.#texts.set(tokenizer, texts);
    return promptTokens(step, new Prompt(step, texts, tokenizer), this.#keys, this.#sizes);
  }

  /** Files that are no text. */
  get unreadable(): ReadonlySet<string> {
    return new Set([...this.#texts.values()].flatMap(({ unreadable }) => [...unreadable]));
  }
}
