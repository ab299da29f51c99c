import { resolve } from 'node:path';
import * as z from 'zod';
import type { Issue } from '../errors.js';
import type { CommonFields } from '../steps/contract.js';
import type { KnownType } from '../steps/define-type.js';
import { nearest, suggestion } from '../util/suggest.js';

/** Names of all the fields that a step of this type may have. */
export function fieldNames(type: KnownType): string[] {
  return [...Object.keys(commonFields.shape), ...Object.keys(type.fields.shape)];
}

/** The fields that misspelt ones are probably meant to be. */
export function meantFields(raw: object, known: readonly string[]): string[] {
  const unknown = Object.keys(raw).filter((field) => !known.includes(field));
  return unknown.flatMap((field) => nearest(field, known) ?? []);
}

/** Fields that nothing would read. */
export function unknownFields(where: string, raw: object, known: readonly string[]): Issue[] {
  const unknown = Object.keys(raw).filter((field) => !known.includes(field));
  return unknown.map((field) => ({
    where: `${where}.${field}`,
    message: `unknown field${suggestion(field, known) || elsewhere(known)}`,
  }));
}

function elsewhere(known: readonly string[]): string {
  return known.includes('request') ? '; parameters of the API belong under "request"' : '';
}

/** The fields with their paths made absolute. */
export function withPaths(
  raw: Record<string, unknown>,
  type: KnownType,
  folder: string,
): Record<string, unknown> {
  const absolute: Record<string, string> = {};
  for (const field of [...type.paths, ...type.programs]) {
    const path = raw[field];
    if (typeof path !== 'string' || path === '') continue;
    if (type.paths.includes(field) || path.includes('/')) absolute[field] = resolve(folder, path);
  }
  return { ...raw, ...absolute };
}

const name = z
  .string()
  .min(1)
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold line breaks or other control characters')
  .refine((text) => text !== '__proto__', 'is reserved; choose another one');

/** Fields that a step of any type may have. */
export const commonFields = z.object({
  type: z.string().describe('What kind of step it is.'),
  name: name.optional().describe('Shown in the progress line and in records. Default: the type.'),
  timeout: z.number().positive().optional().describe('Seconds one attempt may take.'),
  parallel: z.int().min(1).optional().describe('At most so many flows are in this step at once.'),
  retries: z.int().min(0).optional().describe('Further attempts after a failure that is worth one.'),
  array: z
    .boolean()
    .optional()
    .describe('true: its output is a JSON array; the rest of the steps runs once for each element.'),
  share: z
    .boolean()
    .optional()
    .describe('true: flows that give the step the same input share one call. Default: as --share.'),
  previous: z.boolean().optional().describe('false: the previous output is not appended to the prompt.'),
}) satisfies z.ZodType<CommonFields>;
