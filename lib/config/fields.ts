import { resolve } from 'node:path';
import type { Issue } from '../errors.js';
import type { KnownType } from '../steps/define-type.js';
import { nearest, suggestion } from '../util/suggest.js';
import { commonFields } from './common-fields.js';

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
  return known.includes('request') ? '; parameters of the API stand under "request"' : '';
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
