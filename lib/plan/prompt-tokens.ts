import { resolve } from 'node:path';
import type { Key } from '../inputs/key.js';
import { type Axis, axesOf, entriesAt, weightOf } from './axes.js';
import type { PlanStep } from './plan-step.js';
import type { Prompt } from './prompt.js';
import { spread } from './spread.js';

/** Up to so many different prompts are all counted. */
const MOST_COUNTED = 10_000;
/** Else so many are, if their files aren't large. */
const SAMPLE = 1000;
const LEAST_SAMPLE = 10;
/** Most bytes that are read and counted. */
const MOST_BYTES = 64 * 2 ** 20;

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

/**
 * Counts the different prompts of a step, or some that are spread over all of them.
 *
 * @param sizes bytes of the listed files, by absolute path
 */
export async function promptTokens(
  step: PlanStep,
  prompt: Prompt,
  keys: readonly Key[],
  sizes: ReadonlyMap<string, number>,
): Promise<PromptTokens> {
  const axes = axesOf(step, keys);
  const lengths = axes.map(({ paths }) => paths.length);
  const prompts = lengths.reduce((product, length) => product * length, 1);
  const indices = spread(lengths, mostCounted(prompts, axes, sizes));
  const perFlow = new Mean();
  const perPrompt = new Mean();
  for (const index of indices) {
    const entries = entriesAt(index, axes);
    const tokens = await prompt.tokens(entries);
    perFlow.add(tokens, weightOf(entries));
    perPrompt.add(tokens, 1);
  }
  return {
    perFlow: perFlow.value,
    perPrompt: perPrompt.value,
    how: indices.length < prompts ? 'sample' : prompt.estimated ? 'estimate' : 'exact',
    counted: indices.length,
  };
}

function mostCounted(prompts: number, axes: readonly Axis[], sizes: ReadonlyMap<string, number>): number {
  const reading = axes.filter(({ reads }) => reads);
  const bytesOf = ({ key, paths }: Axis) => sum(paths.map((path) => sizes.get(resolve(key.base, path)) ?? 0));
  if (prompts <= MOST_COUNTED && sum(reading.map(bytesOf)) <= MOST_BYTES) return prompts;
  const perPrompt = sum(reading.map((axis) => bytesOf(axis) / axis.paths.length));
  return Math.round(Math.max(LEAST_SAMPLE, Math.min(SAMPLE, MOST_BYTES / perPrompt)));
}

class Mean {
  #sum = 0;
  #weight = 0;

  add(value: number, weight: number): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  get value(): number {
    return this.#sum / Math.max(1, this.#weight);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
