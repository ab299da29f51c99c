import { createHash } from 'node:crypto';
import type { Usage } from '../flow/flow.js';
import { isObject } from '../util/values.js';
import { type Fitting, fitting } from './fit.js';
import type { SimulatedRequest } from './simulation.js';

/** What is decided about a request by its hash alone. */
export interface Fate {
  /** Eight hex digits. */
  readonly id: string;
  /** From 0 to 1: the request fails where this is less than the rate. */
  readonly luck: number;
  readonly seed: number;
}

export interface Answer {
  readonly text: string;
  readonly usage: Usage;
}

const LONGEST_QUOTE = 60;

export function fateOf({ model, instructions, input, schema }: SimulatedRequest): Fate {
  const hash = createHash('sha256')
    .update(JSON.stringify([model, instructions, input, schema ?? null]))
    .digest();
  return { id: hash.toString('hex', 0, 4), luck: hash.readUInt32BE(4) / 2 ** 32, seed: hash.readUInt32BE(8) };
}

/** Makes up answers; a schema is compiled once. */
export class Answers {
  readonly #fittings = new Map<string, Promise<Fitting>>();

  /** Resolves to null where no answer that fits the schema was found. */
  async to(request: SimulatedRequest, fate: Fate): Promise<Answer | null> {
    const text = isObject(request.schema) ? await this.#json(request.schema, fate) : plain(request, fate);
    if (text === null) return null;
    const prompt = request.input.length + (request.instructions?.length ?? 0);
    return { text, usage: usage(prompt, text.length) };
  }

  async #json(schema: object, { seed }: Fate): Promise<string | null> {
    const key = JSON.stringify(schema);
    const made = this.#fittings.get(key) ?? fitting(schema);
    this.#fittings.set(key, made);
    return (await made)(seed);
  }
}

/** `[simulated gpt-6-luna 3f9a2c1b] The first words of the input…` */
function plain({ model, input }: SimulatedRequest, { id }: Fate): string {
  const start = input
    .slice(0, 4 * LONGEST_QUOTE)
    .replace(/\s+/g, ' ')
    .trim();
  const letters = Array.from(start);
  const quote = letters.length > LONGEST_QUOTE ? `${letters.slice(0, LONGEST_QUOTE).join('')}…` : start;
  return `[simulated ${model ?? 'model'} ${id}] ${quote}`.trimEnd();
}

/** Some four characters make a token. */
function usage(prompt: number, answer: number): Usage {
  return {
    inputTokens: Math.ceil(prompt / 4),
    cachedInputTokens: 0,
    outputTokens: Math.ceil(answer / 4),
    reasoningTokens: 0,
  };
}
