import { createHash } from 'node:crypto';
import type { JsonSchema } from 'json-schema-faker';
import type { Usage } from '../flow/flow.js';
import { compileSchema, type SchemaError } from '../util/json-schema.js';
import { isObject } from '../util/values.js';
import type { SimulatedRequest } from './simulation.js';

/** The decisions about a request that its hash alone makes. */
export interface RequestHash {
  /** Eight hex digits. */
  readonly id: string;
  /** From 0 to 1: the request fails where this is less than the rate. */
  readonly roll: number;
  readonly seed: number;
}

export interface Answer {
  readonly text: string;
  readonly usage: Usage;
}

const LONGEST_QUOTE = 60;

export function requestHash({ model, instructions, input, schema }: SimulatedRequest): RequestHash {
  const hash = createHash('sha256')
    .update(JSON.stringify([model, instructions, input, schema ?? null]))
    .digest();
  return { id: hash.toString('hex', 0, 4), roll: hash.readUInt32BE(4) / 2 ** 32, seed: hash.readUInt32BE(8) };
}

/** Makes up answers; a schema is compiled once. */
export class Answers {
  readonly #fittings = new Map<string, Promise<Fitting>>();

  /** Resolves to null where no answer that fits the schema was found. */
  async to(request: SimulatedRequest, requestHash: RequestHash): Promise<Answer | null> {
    const text = isObject(request.schema)
      ? await this.#json(request.schema, requestHash)
      : plain(request, requestHash);
    if (text === null) return null;
    const prompt = request.input.length + (request.instructions?.length ?? 0);
    return { text, usage: usage(prompt, text.length) };
  }

  async #json(schema: object, { seed }: RequestHash): Promise<string | null> {
    const key = JSON.stringify(schema);
    const made = this.#fittings.get(key) ?? fitting(schema);
    this.#fittings.set(key, made);
    return (await made)(seed);
  }
}

/** `[simulated gpt-6-luna 3f9a2c1b] The first words of the input…` */
function plain({ model, input }: SimulatedRequest, { id }: RequestHash): string {
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

/** Makes up a JSON text that fits the schema, the same one for the same seed; null where none was found. */
export type Fitting = (seed: number) => string | null;

const TRIES = 8;
/** From rich to poor: recursive schemas end only where lists are empty and optional properties left out. */
const tastes = [
  { alwaysFakeOptionals: true, outputTransform: labelled },
  { alwaysFakeOptionals: true },
  { optionalsProbability: 0, maxDefaultItems: 1 },
  { optionalsProbability: 0, maxDefaultItems: 0 },
];

/** The generator doesn't keep to every schema, so its answers are judged like a model's. */
export async function fitting(schema: object): Promise<Fitting> {
  const { generateSync } = await import('json-schema-faker');
  const misfit = await compileSchema(schema);
  return (seed) => {
    for (const taste of tastes) {
      for (let n = 0; n < TRIES; n++) {
        const text = generated(() => generateSync({ ...schema }, { ...taste, seed: seed + n }), misfit);
        if (text !== null) return text;
      }
    }
    return null;
  };
}

function generated(generate: () => unknown, misfit: SchemaError): string | null {
  try {
    const value = generate();
    return value === undefined || misfit(value) !== null ? null : JSON.stringify(value);
  } catch {
    return null;
  }
}

const FREE = new Set(['type', 'title', 'description']);

/** A text that the schema leaves free says that it is made up. */
function labelled(value: unknown, schema: JsonSchema): unknown {
  if (typeof value !== 'string' || typeof schema !== 'object') return value;
  return Object.keys(schema).every((keyword) => FREE.has(keyword)) ? `[simulated] ${value}` : value;
}
