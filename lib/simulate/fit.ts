import type { JsonSchema } from 'json-schema-faker';
import { compileSchema, type Misfit } from '../util/json-schema.js';

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

/** The generator doesn't keep to every schema, so what it makes is judged like a model's answer. */
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

function generated(generate: () => unknown, misfit: Misfit): string | null {
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
