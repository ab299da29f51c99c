import { z } from 'zod';
import type { Issue } from '../errors.js';
import type { KnownType } from '../steps/define-type.js';
import { commonFields } from './common-fields.js';
import { explain, issuesOf, mismatch } from './explain.js';
import { fieldNames, unknownFields } from './fields.js';
import { isObject } from './is-object.js';
import { suggestion } from './suggest.js';

/** Field values for the steps of one type that don't set them. */
export type Defaults = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Fields that make no sense for several steps at once. */
const OWN: readonly string[] = ['type', 'name'];

/** Checks `defaults: {type: {field: value}}`. What has an issue is left out, so that no step repeats it. */
export function checkDefaults(
  raw: unknown,
  types: readonly KnownType[],
): { readonly defaults: Defaults; readonly issues: readonly Issue[] } {
  if (raw === undefined) return { defaults: new Map(), issues: [] };
  if (!isObject(raw)) {
    return { defaults: new Map(), issues: [{ where: 'defaults', message: mismatch('an object', raw) }] };
  }
  const defaults = new Map<string, Record<string, unknown>>();
  const issues: Issue[] = [];
  for (const [name, fields] of Object.entries(raw)) {
    const found = issuesOfType(name, fields, types);
    issues.push(...found);
    if (isObject(fields)) defaults.set(name, without(fields, name, found));
  }
  return { defaults, issues };
}

function issuesOfType(name: string, fields: unknown, types: readonly KnownType[]): Issue[] {
  const where = `defaults.${name}`;
  const type = types.find((candidate) => candidate.type === name);
  const known = types.map((candidate) => candidate.type);
  if (!type)
    return [{ where, message: `unknown type${suggestion(name, known)}; known: ${known.join(', ')}` }];
  if (!isObject(fields)) return [{ where, message: mismatch('an object', fields) }];
  const unknown = unknownFields(
    where,
    fields,
    fieldNames(type).filter((field) => !OWN.includes(field)),
  );
  return [
    ...unknown,
    ...Object.entries(fields).flatMap(([field, value]) => wrongValue(where, type, field, value)),
  ];
}

function wrongValue(where: string, type: KnownType, field: string, value: unknown): Issue[] {
  if (OWN.includes(field)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = { ...commonFields.shape, ...type.fields.shape };
  const schema = shape[field];
  if (!schema) return [];
  const { error } = z.safeParse(schema, value, { error: explain });
  return error ? issuesOf(`${where}.${field}`, error) : [];
}

function without(
  fields: Record<string, unknown>,
  type: string,
  issues: readonly Issue[],
): Record<string, unknown> {
  const wrong = (field: string) => issues.some(({ where }) => isAt(where, `defaults.${type}.${field}`));
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !wrong(field)));
}

function isAt(where: string, place: string): boolean {
  return where === place || where.startsWith(`${place}.`) || where.startsWith(`${place}[`);
}
