import type { Issue } from '../errors.js';
import type { CommonFields } from '../steps/contract.js';
import type { KnownType, TypedConfig } from '../steps/define-type.js';
import type { CheckOptions, ConfigStep, StepResult } from './checked.js';
import { commonFields } from './common-fields.js';
import type { Defaults } from './defaults.js';
import { explain, issuesOf, mismatch } from './explain.js';
import { fieldNames, unknownFields, withPaths } from './fields.js';
import { isObject } from './is-object.js';
import { readPrompt } from './prompt-file.js';
import { suggestion } from './suggest.js';

/** Checks one object of a config's list. Nothing is thrown: all that is wrong comes back. */
export async function checkStep(
  raw: unknown,
  where: string,
  { types, folder }: CheckOptions,
  defaults: Defaults,
): Promise<StepResult> {
  if (!isObject(raw)) return broken(where, raw, [{ where, message: mismatch('an object', raw) }]);
  const type = types.find((candidate) => candidate.type === raw.type);
  if (!type)
    return broken(where, raw, [typeIssue(where, raw.type, types), ...checkCommon(where, raw).issues]);
  const fields = withPaths({ ...defaults.get(type.type), ...raw }, type, folder);
  const common = checkCommon(where, fields);
  const own = await checkOwn(where, common.fields, fields, type);
  const issues = [...unknownFields(where, raw, fieldNames(type)), ...common.issues, ...own.issues];
  if (issues.length > 0 || !own.config) return broken(where, raw, issues);
  return { step: stepOf(where, common.fields, fields, type, own.config), named: 'name' in raw, issues };
}

function typeIssue(where: string, type: unknown, types: readonly KnownType[]): Issue {
  const known = types.map((candidate) => candidate.type);
  const message =
    typeof type === 'string'
      ? `unknown type "${type}"${suggestion(type, known)}`
      : mismatch('the type of the step', type);
  return { where: `${where}.type`, message: `${message}; known types: ${known.join(', ')}` };
}

function checkCommon(
  where: string,
  raw: Record<string, unknown>,
): { readonly fields: CommonFields; readonly issues: readonly Issue[] } {
  const fields = { ...raw, type: String(raw.type) };
  const { data, error } = commonFields.safeParse(fields, { error: explain });
  return error
    ? { fields: { type: fields.type }, issues: issuesOf(where, error) }
    : { fields: data, issues: [] };
}

interface Own {
  readonly config?: TypedConfig;
  readonly issues: readonly Issue[];
}

/** A step's own fields: as they are written, for the mistakes; then with the prompt that a file holds. */
async function checkOwn(
  where: string,
  common: CommonFields,
  fields: Record<string, unknown>,
  type: KnownType,
): Promise<Own> {
  const own = pick(fields, Object.keys(type.fields.shape));
  const written = ownOf(where, type.check(common, own, explain));
  const { promptFile, ...others } = own;
  if (written.issues.length > 0 || typeof promptFile !== 'string') return written;
  const prompt = await readPrompt(promptFile);
  if ('mistake' in prompt) return { issues: [{ where: `${where}.promptFile`, message: prompt.mistake }] };
  return ownOf(where, type.check(common, { ...others, prompt: prompt.text }, explain));
}

function ownOf(where: string, result: ReturnType<KnownType['check']>): Own {
  if ('issues' in result) return { issues: issuesOf(where, result) };
  const issues = result.mistakes.map(({ field, message }) => ({ where: `${where}.${field}`, message }));
  return { config: result, issues };
}

function pick(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

function stepOf(
  where: string,
  common: CommonFields,
  fields: Record<string, unknown>,
  type: KnownType,
  config: TypedConfig,
): ConfigStep {
  const inFile = (field: string) => (field === 'prompt' && 'promptFile' in fields ? 'promptFile' : field);
  return {
    kind: 'config',
    where,
    name: common.name ?? type.type,
    type: type.type,
    retries: common.retries ?? type.retries,
    ...(common.timeout !== undefined && { timeout: common.timeout }),
    ...(common.parallel !== undefined && { parallel: common.parallel }),
    previous: common.previous ?? true,
    templates: config.templates().map(({ field, text }) => ({ field: inFile(field), text })),
    create: (setup) => config.create(setup),
  };
}

/** Its name may still be right, for those that refer to it. */
function broken(where: string, raw: unknown, issues: readonly Issue[]): StepResult {
  const { name, type } = isObject(raw) ? raw : {};
  const named = typeof name === 'string';
  const shown = named ? name : typeof type === 'string' ? type : '';
  return { step: { kind: 'broken', where, name: shown, templates: [] }, named, issues };
}
