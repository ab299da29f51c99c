import type { AnySchemaObject, ErrorObject, Options } from 'ajv';
import type { RE2JS } from 're2js';
import { messageOf, StepFailure } from '../errors.js';
import { isDeeperThan, MOST_CONFIG_LEVELS } from './depth.js';

/** The part of a value that doesn't fit, or null where it fits. */
export type SchemaError = (value: unknown) => string | null;

// Formats are hints for the model; which of them are checked would depend on ajv's plug-ins.
const options: Options = { strict: false, validateFormats: false };

/** Characters; one pattern takes about a second for so many (2026-11). */
const MOST_MATCHED = 2 ** 20;

/** The options for this schema. Its patterns are matched in linear time: a model's answer mustn't block the process. */
async function optionsFor(schema: AnySchemaObject): Promise<Options> {
  if (!/"pattern(Properties)?":/.test(JSON.stringify(schema))) return options;
  const { RE2JS } = await import('re2js');
  const regExp = (pattern: string) => {
    const compiled = compilePattern(RE2JS, pattern);
    const test = (text: string) => {
      if (text.length <= MOST_MATCHED) return compiled.matcher(text).find();
      throw new StepFailure(
        'bad_output',
        `a text of ${text.length} characters is too long for a \`pattern\``,
      );
    };
    return { test, toString: () => pattern };
  };
  return { ...options, code: { regExp: Object.assign(regExp, { code: 'linearRegExp' }) } };
}

function compilePattern(re2: typeof RE2JS, pattern: string): RE2JS {
  try {
    return re2.compile(re2.translateRegExp(pattern));
  } catch (error) {
    throw new Error(
      `the pattern ${JSON.stringify(pattern)} can't be matched in linear time (${messageOf(error)}); ` +
        'write it in the syntax of RE2, without lookaround and back-references',
    );
  }
}

/**
 * Compiles a JSON Schema of the draft that its `$schema` names, by default 2020-12.
 * Throws where the schema itself is wrong, or its draft can't be checked.
 */
export async function compileSchema(schema: AnySchemaObject): Promise<SchemaError> {
  const { $schema, ...rest } = schema;
  if (isDeeperThan(MOST_CONFIG_LEVELS, schema))
    throw new Error(`it is nested more than ${MOST_CONFIG_LEVELS} levels deep`);
  const ajv = await validatorFor($schema, await optionsFor(schema));
  // Without `$schema`: ajv knows each draft by one spelling of its address, and generators write others.
  const validate = ajv.compile(rest);
  return (value) => (validate(value) ? null : describe(validate.errors?.[0]));
}

async function validatorFor($schema: unknown, options: Options) {
  switch ($schema === undefined ? '2020-12' : draftIn($schema)) {
    case '2020-12':
      return new (await import('ajv/dist/2020.js')).Ajv2020(options);
    case '2019-09':
      return new (await import('ajv/dist/2019.js')).Ajv2019(options);
    // Draft-07 only adds to draft-06.
    case '07':
    case '06':
      return new (await import('ajv')).Ajv(options);
    case '04':
      return new (await import('ajv-draft-04')).default.default(options);
    default:
      throw new Error(
        `the draft ${JSON.stringify($schema)} can't be checked; use draft-04, draft-06, draft-07, 2019-09 or 2020-12`,
      );
  }
}

const DRAFT = /^https?:\/\/json-schema\.org\/(?:draft-(\d\d)|draft\/(\d{4}-\d\d))\/schema#?$/;

/** `07` or `2020-12`; undefined where the address is that of no draft. */
function draftIn($schema: unknown): string | undefined {
  const [, number, date] = DRAFT.exec(String($schema)) ?? [];
  return number ?? date;
}

function describe(error: ErrorObject | undefined): string {
  if (!error) return 'it does not fit';
  const { instancePath, keyword, message, params } = error;
  const extra = keyword === 'additionalProperties' ? ` (${params.additionalProperty})` : '';
  const choice = keyword === 'enum' ? `: ${JSON.stringify(params.allowedValues)}` : '';
  return `${instancePath || 'the answer'} ${message}${extra}${choice}`;
}
