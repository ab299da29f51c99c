import type { Issue } from '../errors.js';
import type { CommonFields, TemplateField } from '../steps/contract.js';
import type { KnownType, TypedConfig } from '../steps/define-type.js';
import { isDeeperThan, MOST_CONFIG_LEVELS } from '../util/depth.js';
import { mismatch, nearest, suggestion } from '../util/suggest.js';
import { isObject } from '../util/values.js';
import type { CheckOptions, ConfigStep, StepResult } from './checked.js';
import { type Defaults, withDefaults } from './defaults.js';
import { commonFields, fieldNames, meantFields, unknownFields, withPaths } from './fields.js';
import { checkOwn } from './own-fields.js';
import { issuesOf, zodMessages } from './zod-messages.js';

/** Checks one object of a config's list. Nothing is thrown: all that is wrong comes back. */
export async function checkStep(
  raw: unknown,
  where: string,
  { types, folder }: CheckOptions,
  defaults: Defaults,
): Promise<StepResult> {
  if (!isObject(raw)) return broken(where, {}, '', [{ where, message: notAStep(raw, types) }]);
  if (isDeeperThan(MOST_CONFIG_LEVELS, raw)) {
    const message = `is nested more than ${MOST_CONFIG_LEVELS} levels deep`;
    return broken(where, {}, '', [{ where, message }]);
  }
  const type = types.find((candidate) => candidate.type === raw.type);
  if (!type) return broken(where, raw, '', [typeIssue(where, raw, types), ...checkCommon(where, raw).issues]);
  const fields = withPaths(withDefaults(raw, type.type, defaults), type, folder);
  const common = checkCommon(where, fields);
  const own = await checkOwn(where, common.fields, fields, type);
  const names = fieldNames(type);
  // A field that is misspelt is missing, too: that is one mistake.
  const meant = meantFields(raw, names).map((field) => `${where}.${field}`);
  const others = [...common.issues, ...own.issues].filter((issue) => !meant.includes(issue.where));
  const issues = [...unknownFields(where, raw, names), ...others];
  const { config, templates } = own;
  if (issues.length > 0 || !config) return broken(where, raw, type.type, issues, templates);
  return {
    step: { ...stepOf(where, common.fields, type, config), templates },
    named: common.fields.name !== undefined,
    issues,
  };
}

/** A type alone, as of a step that needs nothing else, is an object, too. */
function notAStep(raw: unknown, types: readonly KnownType[]): string {
  const isType = types.some(({ type }) => type === raw);
  return `${mismatch('an object', raw)}${isType ? `; write "type: ${raw}"` : ''}`;
}

function typeIssue(
  where: string,
  { type, ...fields }: Record<string, unknown>,
  types: readonly KnownType[],
): Issue {
  const known = types.map((candidate) => candidate.type);
  const misspelt = type === undefined && Object.keys(fields).find((field) => nearest(field, ['type']));
  if (misspelt) return { where: `${where}.${misspelt}`, message: 'unknown field; did you mean "type"?' };
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
  const { data, error } = commonFields.safeParse(fields, { error: zodMessages });
  return error
    ? { fields: { type: fields.type }, issues: issuesOf(where, error) }
    : { fields: data, issues: [] };
}

function stepOf(
  where: string,
  common: CommonFields,
  type: KnownType,
  config: TypedConfig,
): Omit<ConfigStep, 'templates'> {
  const retries = common.retries ?? type.retries;
  return {
    kind: 'config',
    where,
    name: common.name ?? type.type,
    type: type.type,
    ...(retries !== undefined && { retries }),
    ...(common.timeout !== undefined && { timeout: common.timeout }),
    ...(common.parallel !== undefined && { parallel: common.parallel }),
    ...(common.array !== undefined && { array: common.array }),
    ...(common.share !== undefined && { share: common.share }),
    previous: common.previous ?? true,
    modelCall: config.modelCall,
    leavesFiles: type.leavesFiles,
    create: (setup) => config.create(setup),
  };
}

/** Its name and its templates may still be right; mistakes in them, and in references to it, are reported as well. */
function broken(
  where: string,
  { name }: Record<string, unknown>,
  type: string,
  issues: readonly Issue[],
  templates: readonly TemplateField[] = [],
): StepResult {
  const named = typeof name === 'string';
  return { step: { kind: 'broken', where, name: named ? name : type, templates }, named, issues };
}
