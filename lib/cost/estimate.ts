import type { Billed, ToolCalls } from '../flow/flow.js';
import { tierNamed } from '../flow/usage.js';
import type { ModelCall } from '../steps/contract.js';
import type { Price } from './price.js';

/** The expectation before anything was measured. */
interface Start {
  readonly outputTokens: number;
  /** Input beside the prompt. */
  readonly extraTokens: number;
  /** Tools with fees, of which each is assumed to be called once. */
  readonly tools: readonly string[];
  readonly tier: string;
}

/** Its most output tokens if it says them, else an assumption. */
export function startOf({ maxOutputTokens, tools, serviceTier }: ModelCall, type: string): Start {
  return {
    outputTokens: maxOutputTokens ?? OUTPUT_TOKENS.expected,
    extraTokens: type === 'codex' ? CODEX_INPUT_TOKENS.expected : 0,
    tools,
    tier: tierNamed(serviceTier ?? 'default'),
  };
}

/** Shorter prompts are not written to OpenAI's cache (guide to prompt caching, 2026-11). */
export const LEAST_WRITTEN = 1024;

/** Prompts are estimated within this factor; any excess was sent beside them. */
const MOST_FACTOR = 2;

/** The expected usage of a call of one step: learned from ended calls; the start value counts as one of them. */
export class Estimate {
  #calls = 1;
  #output: number;
  #extra: number;
  #input = 0;
  #cached = 0;
  #written = 0;
  readonly #correction = new Correction();
  readonly #toolCalls = new Map<string, number>();
  /** The one that answered last. */
  #tier: string;

  constructor({ outputTokens, extraTokens, tools, tier }: Start) {
    this.#output = outputTokens;
    this.#extra = extraTokens;
    for (const tool of tools) this.#toolCalls.set(tool, 1);
    this.#tier = tier;
  }

  /** @param price before any call has ended, all input is taken for written where that costs more */
  expect(promptTokens: number, price: Price | null): Billed {
    const corrected = this.#correction.proportional(promptTokens) ?? promptTokens + this.#extra / this.#calls;
    const input = Math.max(0, Math.ceil(corrected));
    const written =
      this.isGuess && price && isWritten(input, price) ? input : this.#share(input, this.#written);
    return {
      inputTokens: input,
      cachedInputTokens: this.#share(input, this.#cached),
      ...(written > 0 && { cacheWriteInputTokens: written }),
      outputTokens: Math.ceil(this.#output / this.#calls),
      reasoningTokens: 0,
      toolCalls: this.#expectedTools(),
      tier: this.#tier,
    };
  }

  /** No call has ended yet. */
  get isGuess(): boolean {
    return this.#calls === 1;
  }

  /** A call with such a prompt has ended. */
  learn(promptTokens: number, billed: Billed): void {
    const { inputTokens, cachedInputTokens, cacheWriteInputTokens = 0, outputTokens } = billed;
    const { toolCalls = {}, tier } = billed;
    this.#calls++;
    this.#output += outputTokens;
    this.#extra += inputTokens - promptTokens;
    this.#input += inputTokens;
    this.#cached += cachedInputTokens;
    this.#written += cacheWriteInputTokens;
    this.#correction.add(promptTokens, inputTokens);
    for (const tool in toolCalls)
      this.#toolCalls.set(tool, (this.#toolCalls.get(tool) ?? 0) + (toolCalls[tool] ?? 0));
    this.#tier = tier ?? this.#tier;
  }

  /** As large a part of the input as it was of all input so far. */
  #share(input: number, part: number): number {
    return Math.floor((input * part) / Math.max(1, this.#input));
  }

  #expectedTools(): ToolCalls | undefined {
    if (this.#toolCalls.size === 0) return undefined;
    return Object.fromEntries([...this.#toolCalls].map(([tool, calls]) => [tool, calls / this.#calls]));
  }
}

function isWritten(input: number, { bands: [band] }: Price): boolean {
  return band !== undefined && input >= LEAST_WRITTEN && (band.cacheWrite ?? 0) > band.input;
}

/** Decides whether calls send more, or less, than was estimated of their prompts in proportion, or by a constant. */
class Correction {
  #calls = 0;
  #prompts = 0;
  #inputs = 0;
  /** Sums of squares and products. */
  #promptsSquared = 0;
  #inputsSquared = 0;
  #products = 0;

  add(prompt: number, input: number): void {
    this.#calls++;
    this.#prompts += prompt;
    this.#inputs += input;
    this.#promptsSquared += prompt ** 2;
    this.#inputsSquared += input ** 2;
    this.#products += prompt * input;
  }

  /** Undefined where that fits the calls worse than the same beside each. */
  proportional(prompt: number): number | undefined {
    const factor = this.#inputs / this.#prompts;
    const isOfCounting = factor >= 1 / MOST_FACTOR && factor <= MOST_FACTOR;
    return isOfCounting && this.#errorsOf(factor) < this.#errorsBeside() ? factor * prompt : undefined;
  }

  #errorsOf(factor: number): number {
    return this.#inputsSquared - 2 * factor * this.#products + factor ** 2 * this.#promptsSquared;
  }

  #errorsBeside(): number {
    return this.#errorsOf(1) - (this.#inputs - this.#prompts) ** 2 / this.#calls;
  }
}

/** A guess with its bounds. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** Tokens that a model answers with, reasoning included, where nothing says how many. */
export const OUTPUT_TOKENS: Range = { low: 200, expected: 1000, high: 4000 };

/** Tokens that codex sends beside the prompt, even for a trivial one; an agent that works sends more. */
export const CODEX_INPUT_TOKENS = { low: 20_000, expected: 32_000 } as const;
