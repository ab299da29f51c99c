import * as z from 'zod';
import { commonFields } from '../../lib/config/fields.js';
import { stepTypes } from '../../lib/steps/index.js';

type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
const rate = { type: 'number', minimum: 0 };
const count = { type: 'integer', minimum: 1 };

/** The JSON Schema of a config, made from the fields that steps are checked by: for editors. */
export function configSchema(): JsonSchema {
  const steps = { type: 'array', minItems: 1, items: { oneOf: stepTypes.map(stepSchema) } };
  return {
    $schema: DRAFT,
    title: 'A config of orchestrator: the steps, or an object around them.',
    oneOf: [
      { $ref: '#/$defs/steps' },
      {
        type: 'object',
        required: ['steps'],
        additionalProperties: false,
        properties: {
          $schema: { type: 'string' },
          steps: { $ref: '#/$defs/steps' },
          keys: {
            description: 'A list file by key; --key replaces one of the same name.',
            type: 'object',
            additionalProperties: { type: 'string' },
          },
          defaults: {
            description: "For all steps of a type that don't say otherwise.",
            type: 'object',
            additionalProperties: false,
            properties: Object.fromEntries(stepTypes.map(defaultsSchema)),
          },
          lanes: {
            description: 'Ceilings by type, or by openai/<model>.',
            type: 'object',
            additionalProperties: {
              type: 'object',
              additionalProperties: false,
              properties: { concurrency: count, rpm: count, tpm: count },
            },
          },
          prices: {
            description: 'Dollars per million tokens, by model.',
            type: 'object',
            additionalProperties: {
              type: 'object',
              required: ['input', 'output'],
              additionalProperties: false,
              properties: {
                input: rate,
                cachedInput: rate,
                cacheWrite: rate,
                output: rate,
                tools: { type: 'object', additionalProperties: rate },
              },
            },
          },
        },
      },
    ],
    $defs: { steps },
  };
}

function stepSchema({ type, fields }: (typeof stepTypes)[number]): JsonSchema {
  const { properties, required } = schemaOf(fields.shape);
  return {
    type: 'object',
    required: ['type', ...required],
    additionalProperties: false,
    properties: { ...properties, type: { const: type } },
  };
}

function defaultsSchema({ type, fields }: (typeof stepTypes)[number]): [string, JsonSchema] {
  const { type: _type, name: _name, ...properties } = schemaOf(fields.shape).properties;
  return [type, { type: 'object', additionalProperties: false, properties }];
}

/** As a user writes it, with the fields that every step may have. */
function schemaOf(shape: z.ZodRawShape) {
  const schema = z.toJSONSchema(z.object({ ...commonFields.shape, ...shape }), {
    io: 'input',
    unrepresentable: 'any',
  });
  const required = (schema.required ?? []).filter((name) => name !== 'type');
  return { properties: schema.properties ?? {}, required };
}
