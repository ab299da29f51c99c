import * as z from 'zod';
import { arrayMistakes } from '../answer-schema.js';
import type { Checked, CommonFields, FieldMistake, ModelCall } from '../contract.js';
import { schemaField } from '../schema-field.js';
import { promptMistakes } from '../text.js';
import { hostedTools } from './hosted-tools.js';

/**
 * The model that is asked when a config names none: the smallest of OpenAI's current generation (its model page and the
 * types of openai 7.59.0, 2026-11), whose price is in the list that comes with the program.
 */
export const DEFAULT_MODEL = 'gpt-6-luna';

/** An answer is held in memory as a whole, one for each call in flight. */
export const ANSWER_MIB = 64;
/** More characters than this many MiB fit no text (V8, 2026-11: 512 MiB), and the record has the answer again. */
const MOST_ANSWER_MIB = 256;

const record = z.record(z.string(), z.unknown());

export const fields = z.object({
  prompt: z.string().optional().describe('The prompt, a template.'),
  promptFile: z.string().min(1).optional().describe('A file that holds the prompt.'),
  model: z.string().min(1).optional().describe(`The model's name; ${DEFAULT_MODEL} by default.`),
  instructions: z.string().optional().describe('Instructions for the model (system message), a template.'),
  schema: schemaField.optional().describe('JSON Schema that the answer has to fit (structured output).'),
  api: z
    .enum(['responses', 'chat'])
    .optional()
    .describe('`responses` by default; `chat` for servers that only speak Chat Completions.'),
  baseUrl: z
    .string()
    .refine((text) => addressMistake(text) === null, {
      error: ({ input }) => addressMistake(String(input)) ?? '',
    })
    .optional()
    .describe('Another server. It gets OPENAI_API_KEY only if `apiKeyEnv` says so or it is on this machine.'),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable, not the key itself')
    .optional()
    .describe('Name of the environment variable that holds the key.'),
  maxAnswer: z
    .int()
    .min(1)
    .max(MOST_ANSWER_MIB)
    .optional()
    .describe(
      `A larger answer of the server fails its flow, MiB after decompression. Default: ${ANSWER_MIB}, at most ${MOST_ANSWER_MIB}.`,
    ),
  redirects: z
    .enum(['same-server', 'any'])
    .optional()
    .describe(
      'Redirects (307, 308) that are followed: `same-server` by default; `any` lets another server get the prompt, but no key.',
    ),
  request: record.optional().describe('Further parameters of the API, passed through as they are.'),
});

export type OpenAIConfig = CommonFields & z.infer<typeof fields>;

/** Parameters of the API that are fields of the step, or that it can't work with. */
const reserved: Readonly<Record<string, string>> = {
  model: 'use the field `model`',
  input: 'use the field `prompt`',
  messages: 'use the fields `prompt` and `instructions`',
  instructions: 'use the field `instructions`',
  stream: 'the step takes whole answers, not streams; leave it out',
  background: 'the step waits for its answer; leave it out',
};

export function mistakes(config: Checked<OpenAIConfig>): FieldMistake[] {
  return [...promptMistakes(config), ...requestMistakes(config), ...arrayMistakes(config)];
}

function requestMistakes({ request = {}, schema }: Checked<OpenAIConfig>): FieldMistake[] {
  const found = Object.entries(reserved).filter(([name]) => name in request);
  const list = found.map(([name, message]) => ({ field: `request.${name}`, message }));
  const format = formatIn(request);
  if (schema && format)
    list.push({ field: `request.${format}`, message: "can't be combined with `schema`; give one of them" });
  return list;
}

function formatIn({ text, response_format }: Record<string, unknown>): string | null {
  if (response_format !== undefined) return 'response_format';
  return typeof text === 'object' && text !== null && 'format' in text ? 'text.format' : null;
}

/** The mistake in the address of a server, or null. Shows nothing of it that may be secret. */
export function addressMistake(text: string): string | null {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    return 'expected the address of a server, like `http://localhost:11434/v1`';
  const { username, password, search, hash } = new URL(text);
  if (`${username}${password}` !== '')
    return "a name and a password don't belong in the address of a server; a key is named by `apiKeyEnv`";
  if (search !== '')
    return "the address of a server can't have a query (`?…`): the path of the call is appended to it. Azure takes `https://NAME.openai.azure.com/openai/v1` without one";
  return hash === '' ? null : "the address of a server can't have a fragment (`#…`)";
}

/** The model of a step, with its terms. */
export function modelCall(config: Checked<OpenAIConfig>): ModelCall {
  const { model = DEFAULT_MODEL, baseUrl, apiKeyEnv, schema, request = {} } = config;
  const { service_tier: tier } = request;
  return {
    model,
    baseUrl: baseUrl ?? null,
    keyName: apiKeyEnv ?? null,
    serviceTier: typeof tier === 'string' ? tier : null,
    maxOutputTokens: maxOutputTokens(request),
    tools: hostedTools(model, request),
    schema: schema ?? null,
    shareable: true,
  };
}

/** By its name in either API. */
function maxOutputTokens(request: Readonly<Record<string, unknown>>): number | null {
  const { max_output_tokens: most = request.max_completion_tokens ?? request.max_tokens } = request;
  return typeof most === 'number' ? most : null;
}
