import * as z from 'zod';
import type { Issue } from '../errors.js';
import type { KnownType } from '../steps/define-type.js';
import { mismatch, suggestion } from '../util/suggest.js';
import { isObject } from '../util/values.js';
import { commonFields, fieldNames, unknownFields } from './fields.js';
import { issuesOf, zodMessages } from './zod-messages.js';

/** Field values for the steps of one type that don't set them. */
export type Defaults = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Fields that make no sense for several steps at once. */
const OWN: readonly string[] = ['type', 'name'];

/** Two ways to say the same: a step that goes one of them has no use for a default of the other. */
const EITHER: readonly string[] = ['prompt', 'promptFile'];

/** Checks `defaults: {type: {field: value}}`. Wrong values are left out, so that no step repeats the issue. */
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
    if (isObject(fields)) defaults.set(name, without(fields, wrongFields(fields, name, found)));
  }
  return { defaults, issues };
}

/** The step's fields, and the defaults of those that it leaves out. */
export function withDefaults(
  raw: Record<string, unknown>,
  type: string,
  defaults: Defaults,
): Record<string, unknown> {
  const hasPrompt = EITHER.some((field) => raw[field] !== undefined);
  return { ...without(defaults.get(type) ?? {}, hasPrompt ? EITHER : []), ...raw };
}

function issuesOfType(name: string, fields: unknown, types: readonly KnownType[]): Issue[] {
  const where = `defaults.${name}`;
  const type = types.find((candidate) => candidate.type === name);
  const known = types.map((candidate) => candidate.type);
  if (!type)
    return [{ where, message: `unknown type${suggestion(name, known)}; known: ${known.join(', ')}` }];
  if (!isObject(fields)) return [{ where, message: mismatch('an object', fields) }];
  const names = fieldNames(type).filter((field) => !OWN.includes(field));
  return [
    ...unknownFields(where, without(fields, OWN), names),
    ...Object.entries(fields).flatMap(([field, value]) => wrongValue(where, type, field, value)),
  ];
}

function wrongValue(where: string, type: KnownType, field: string, value: unknown): Issue[] {
  if (OWN.includes(field)) {
    return [{ where: `${where}.${field}`, message: "isn't allowed in defaults: every step has its own" }];
  }
  const shape: Readonly<Record<string, z.core.$ZodType>> = { ...commonFields.shape, ...type.fields.shape };
  const schema = shape[field];
  if (!schema) return [];
  const { error } = z.safeParse(schema, value, { error: zodMessages });
  return error ? issuesOf(`${where}.${field}`, error) : [];
}

function wrongFields(fields: object, type: string, issues: readonly Issue[]): string[] {
  const wrong = (field: string) => issues.some(({ where }) => isAt(where, `defaults.${type}.${field}`));
  return Object.keys(fields).filter(wrong);
}

function without(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => !names.includes(field)));
}

function isAt(where: string, place: string): boolean {
  return where === place || where.startsWith(`${place}.`) || where.startsWith(`${place}[`);
}
