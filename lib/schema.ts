import type { AnySchemaObject, ErrorObject, Options } from 'ajv';

/** Tells what of a value doesn't fit, or null where it fits. */
export type Misfit = (value: unknown) => string | null;

// Formats are hints for the model; which of them are checked would depend on ajv's plug-ins.
const options: Options = { strict: false, validateFormats: false };

/**
 * Compiles a JSON Schema: draft-07 where `$schema` says so, else 2020-12.
 * Throws where the schema itself is wrong.
 */
export async function compileSchema(schema: AnySchemaObject): Promise<Misfit> {
  const ajv = await validatorFor(schema.$schema);
  const validate = ajv.compile(schema);
  return (value) => (validate(value) ? null : describe(validate.errors?.[0]));
}

async function validatorFor(dialect: unknown) {
  if (typeof dialect === 'string' && dialect.includes('draft-07')) {
    const { Ajv } = await import('ajv');
    return new Ajv(options);
  }
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  return new Ajv2020(options);
}

function describe(error: ErrorObject | undefined): string {
  if (!error) return 'it does not fit';
  const { instancePath, keyword, message, params } = error;
  const extra = keyword === 'additionalProperties' ? ` (${params.additionalProperty})` : '';
  const choice = keyword === 'enum' ? `: ${JSON.stringify(params.allowedValues)}` : '';
  return `${instancePath || 'the answer'} ${message}${extra}${choice}`;
}
