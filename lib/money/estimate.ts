import type { Usage } from '../flow.js';
import type { ModelCall } from '../steps/contract.js';
import { CODEX_INPUT_TOKENS, OUTPUT_TOKENS } from './assumptions.js';

/** What is expected before anything was measured. */
interface Start {
  readonly outputTokens: number;
  /** Input beside the prompt. */
  readonly extraTokens: number;
}

/** Its most output tokens if it says them, else an assumption. */
export function startOf({ maxOutputTokens }: ModelCall, type: string): Start {
  return {
    outputTokens: maxOutputTokens ?? OUTPUT_TOKENS.expected,
    extraTokens: type === 'codex' ? CODEX_INPUT_TOKENS.expected : 0,
  };
}

/** What a call of one step is expected to use: learned from those that have ended, the start counting as one of them. */
export class Estimate {
  #calls = 1;
  #output: number;
  #extra: number;
  #input = 0;
  #cached = 0;

  constructor({ outputTokens, extraTokens }: Start) {
    this.#output = outputTokens;
    this.#extra = extraTokens;
  }

  expect(promptTokens: number): Usage {
    const input = Math.max(0, Math.ceil(promptTokens + this.#extra / this.#calls));
    return {
      inputTokens: input,
      cachedInputTokens: Math.floor((input * this.#cached) / Math.max(1, this.#input)),
      outputTokens: Math.ceil(this.#output / this.#calls),
      reasoningTokens: 0,
    };
  }

  /** No call has ended yet. */
  get isGuess(): boolean {
    return this.#calls === 1;
  }

  /** A call with such a prompt has ended. */
  learn(promptTokens: number, { inputTokens, cachedInputTokens, outputTokens }: Usage): void {
    this.#calls++;
    this.#output += outputTokens;
    this.#extra += inputTokens - promptTokens;
    this.#input += inputTokens;
    this.#cached += cachedInputTokens;
  }
}
