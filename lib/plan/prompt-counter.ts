import type { Key } from '../inputs/key.js';
import { axesOf, entriesOfFlow } from './axes.js';
import { KeyTexts } from './key-texts.js';
import type { PlanStep } from './plan-step.js';
import { Prompt } from './prompt.js';
import { type CountedPrompts, countPrompts } from './prompt-tokens.js';
import { type Tokenizer, tokenizerFor } from './tokenizer.js';

/** Counts the prompts of all steps; what several of them put in is read and counted once. */
export class PromptCounter {
  readonly #keys: readonly Key[];
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #appendFilepath: boolean;
  readonly #texts = new Map<Tokenizer, KeyTexts>();
  readonly #prompts = new Map<PlanStep, Prompt>();

  /** @param sizes bytes of the listed files, by absolute path */
  constructor(keys: readonly Key[], sizes: ReadonlyMap<string, number>, appendFilepath: boolean) {
    this.#keys = keys;
    this.#sizes = sizes;
    this.#appendFilepath = appendFilepath;
  }

  /** Null for a step that asks no model. */
  async count(step: PlanStep): Promise<CountedPrompts | null> {
    const prompt = await this.#prompt(step);
    return prompt && countPrompts(step, prompt, this.#keys, this.#sizes);
  }

  /** The tokens of the prompt for one flow, by its position; 0 for a step that asks no model. */
  async tokensOf(step: PlanStep, flow: number): Promise<number> {
    const prompt = await this.#prompt(step);
    return prompt?.tokens(entriesOfFlow(flow, this.#keys, axesOf(step, this.#keys))) ?? 0;
  }

  async #prompt(step: PlanStep): Promise<Prompt | null> {
    if (!step.call) return null;
    const known = this.#prompts.get(step);
    if (known) return known;
    const tokenizer = await tokenizerFor(step.call.model);
    const texts = this.#texts.get(tokenizer) ?? new KeyTexts(tokenizer, this.#appendFilepath);
    this.#texts.set(tokenizer, texts);
    const prompt = new Prompt(step, texts, tokenizer);
    this.#prompts.set(step, prompt);
    return prompt;
  }

  /** Files that are no text. */
  get unreadable(): ReadonlySet<string> {
    return new Set([...this.#texts.values()].flatMap(({ unreadable }) => [...unreadable]));
  }
}
