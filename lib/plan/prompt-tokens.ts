import { resolve } from 'node:path';
import type { Key } from '../inputs/key.js';
import type { PlanStep } from './plan-step.js';
import {
  type Axis,
  axesOf,
  type Entries,
  entriesAt,
  entriesOfFlow,
  KeyTexts,
  linesOf,
  Prompt,
  weightOf,
} from './prompt.js';
import { spread } from './spread.js';
import { type Tokenizer, tokenizerFor } from './tokenizer.js';

/** Up to so many different prompts are all counted. */
const MOST_COUNTED = 10_000;
/** Else so many are, if their files aren't large. */
const SAMPLE = 1000;
const LEAST_SAMPLE = 10;
/** Most bytes that are read and counted. */
const MOST_BYTES = 64 * 2 ** 20;
/** So many of the longest prompts are named. */
export const MOST_NAMED = 5;

/** How long the prompts of a step are, without the outputs of earlier steps that they get. */
export interface PromptTokens {
  /** On average over all flows. */
  readonly perFlow: number;
  /** On average over the prompts that differ. */
  readonly perPrompt: number;
  /** `estimate`: some text was too long to be counted; `sample`: not every prompt was. */
  readonly how: 'exact' | 'estimate' | 'sample';
  /** How many prompts were counted. */
  readonly counted: number;
}

/** Prompts of one length. */
export interface PromptLength {
  readonly tokens: number;
  /** Their part of the calls: of one for each flow, and of one for each prompt that differs. */
  readonly part: Readonly<Record<Calls, number>>;
}

/** `perFlow`: each flow makes its own call; `perPrompt`: flows with the same prompt share one. */
export type Calls = 'perFlow' | 'perPrompt';

/** One prompt, and its inserted entries. */
export interface LongPrompt extends PromptLength {
  /** Paths, by the key's name. */
  readonly inputs: Readonly<Record<string, string>>;
}

export interface CountedPrompts {
  readonly summary: PromptTokens;
  /** All of them, or those of the sample. */
  readonly lengths: readonly PromptLength[];
  /** The longest first. None where the prompts don't differ. */
  readonly longest: readonly LongPrompt[];
}

/**
 * Counts the different prompts of a step, or some that are spread over all of them. The size of every file is known: a
 * sample is corrected by it, so that a large file counts though it isn't in the sample.
 *
 * @param sizes bytes of the listed files, by absolute path
 */
async function countPrompts(
  step: PlanStep,
  prompt: Prompt,
  keys: readonly Key[],
  sizes: ReadonlyMap<string, number>,
): Promise<CountedPrompts> {
  const axes = axesOf(step, keys);
  const lengths = axes.map(({ paths }) => paths.length);
  const prompts = lengths.reduce((product, length) => product * length, 1);
  const indices = spread(lengths, mostCounted(prompts, axes, sizes));
  const counted: CountedPrompt[] = [];
  for (const index of indices) {
    const entries = entriesAt(index, axes);
    counted.push({ entries, tokens: await prompt.tokens(entries), lines: weightOf(entries) });
  }
  const isSample = indices.length < prompts;
  const all = isSample ? corrected(counted, prompt, axes, sizes) : counted;
  const parts = partsOf(all);
  return {
    summary: {
      perFlow: meanOver(parts, 'perFlow', ({ tokens }) => tokens),
      perPrompt: meanOver(parts, 'perPrompt', ({ tokens }) => tokens),
      how: isSample ? 'sample' : prompt.estimated ? 'estimate' : 'exact',
      counted: indices.length,
    },
    lengths: parts,
    longest: prompts === 1 ? [] : longestOf(isSample ? largest(all, prompt, axes, sizes) : all, axes),
  };
}

/** The mean over all the calls of a step, of something that depends on the length of the prompt. */
export function meanOver(
  lengths: readonly PromptLength[],
  calls: Calls,
  of: (length: PromptLength) => number,
): number {
  return lengths.reduce((sum, length) => sum + of(length) * length.part[calls], 0);
}

interface CountedPrompt {
  readonly entries: Entries;
  readonly tokens: number;
  /** How many combinations of lines have it. */
  readonly lines: number;
}

function mostCounted(prompts: number, axes: readonly Axis[], sizes: ReadonlyMap<string, number>): number {
  const reading = axes.filter(({ reads }) => reads);
  const bytesOf = ({ key, paths }: Axis) => sum(paths.map((path) => sizes.get(resolve(key.base, path)) ?? 0));
  if (prompts <= MOST_COUNTED && sum(reading.map(bytesOf)) <= MOST_BYTES) return prompts;
  const perPrompt = sum(reading.map((axis) => bytesOf(axis) / axis.paths.length));
  return Math.round(Math.max(LEAST_SAMPLE, Math.min(SAMPLE, MOST_BYTES / perPrompt)));
}

/** Corrects a sample whose prompts are shorter or longer than the average of all prompts, by their bytes. */
function corrected(
  sample: readonly CountedPrompt[],
  prompt: Prompt,
  axes: readonly Axis[],
  sizes: ReadonlyMap<string, number>,
): CountedPrompt[] {
  const lines = sum(sample.map((each) => each.lines));
  const mean = sum(sample.map(({ entries, lines }) => lines * prompt.bytes(entries, sizes))) / lines;
  const factor = mean > 0 ? prompt.meanBytes(axes, sizes) / mean : 1;
  return sample.map((each) => ({ ...each, tokens: each.tokens * factor }));
}

/** The largest prompts of all by the sizes of their files, and by the tokens that bytes were in a sample. */
function largest(
  sample: readonly CountedPrompt[],
  prompt: Prompt,
  axes: readonly Axis[],
  sizes: ReadonlyMap<string, number>,
): CountedPrompt[] {
  const bytesOf = (entries: Entries) => prompt.bytes(entries, sizes);
  const tokensPerByte =
    sum(sample.map(({ tokens }) => tokens)) / sum(sample.map(({ entries }) => bytesOf(entries)));
  const few = axes.map((axis) => ({ ...axis, paths: largestPaths(axis, sizes) }));
  const combinations = few.reduce((product, { paths }) => product * paths.length, 1);
  return Array.from({ length: combinations }, (_, index) => {
    const entries = entriesAt(index, few);
    return { entries, tokens: bytesOf(entries) * tokensPerByte, lines: weightOf(entries) };
  });
}

/** So that a prompt of several keys has few combinations of them. */
function largestPaths({ key, paths }: Axis, sizes: ReadonlyMap<string, number>): string[] {
  const size = (path: string) => sizes.get(resolve(key.base, path)) ?? 0;
  return [...paths].sort((a, b) => size(b) - size(a)).slice(0, MOST_NAMED);
}

function partsOf(prompts: readonly CountedPrompt[]): PromptLength[] {
  const lines = sum(prompts.map((prompt) => prompt.lines));
  return prompts.map((prompt) => ({
    tokens: prompt.tokens,
    part: { perFlow: prompt.lines / lines, perPrompt: 1 / prompts.length },
  }));
}

function longestOf(prompts: readonly CountedPrompt[], axes: readonly Axis[]): LongPrompt[] {
  const all = {
    perFlow: axes.reduce((product, axis) => product * linesOf(axis), 1),
    perPrompt: axes.reduce((product, { paths }) => product * paths.length, 1),
  };
  return [...prompts]
    .sort((a, b) => b.tokens - a.tokens)
    .slice(0, MOST_NAMED)
    .map(({ entries, tokens, lines }) => ({
      tokens,
      part: { perFlow: lines / all.perFlow, perPrompt: 1 / all.perPrompt },
      inputs: Object.fromEntries(axes.map(({ key }) => [key.name, entries.get(key.name)?.path ?? ''])),
    }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Counts the prompts of all steps; a text inserted by several of them is read and counted once. */
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

  /** Files that aren't text. */
  get unreadable(): ReadonlySet<string> {
    return new Set([...this.#texts.values()].flatMap(({ unreadable }) => [...unreadable]));
  }
}
