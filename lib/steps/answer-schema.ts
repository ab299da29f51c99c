import { isObject } from '../util/values.js';
import type { CommonFields, FieldMistake } from './contract.js';

type Schema = Readonly<Record<string, unknown>>;

/** The property of the wrapping object that holds the answer. */
const PROPERTY = 'answer';

/** True if a schema has an object at its root, as providers want it for structured output. */
function isRooted({ type }: Schema): boolean {
  return type === 'object';
}

/** The schema as it is sent: with an object around it where it has none at its root. */
export function sentSchema(schema: Schema): Schema {
  if (isRooted(schema)) return schema;
  // An `$id` of its own would be the base of the references.
  const { $schema, $id: _, $defs, definitions, ...answer } = schema;
  return {
    ...($schema !== undefined && { $schema }),
    type: 'object',
    properties: { [PROPERTY]: moved(answer) },
    required: [PROPERTY],
    additionalProperties: false,
    ...($defs !== undefined && { $defs: moved($defs) }),
    ...(definitions !== undefined && { definitions: moved(definitions) }),
  };
}

/** With its references to the root, which stands deeper now; definitions stay where they were. */
function moved(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(moved);
  if (!isObject(part)) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      name === '$ref' ? movedReference(value) : moved(value),
    ]),
  );
}

function movedReference(reference: unknown): unknown {
  if (typeof reference !== 'string' || !/^#(\/(?!\$defs\/|definitions\/)|$)/.test(reference))
    return reference;
  return `#/properties/${PROPERTY}${reference.slice(1)}`;
}

/** A path in the schema that is sent as one in the schema that the step has. */
export function pathInSchema(path: string, schema: Schema): string {
  const [, , ...inner] = path.split('.');
  return isRooted(schema) || !path.startsWith(`properties.${PROPERTY}`) ? path : inner.join('.');
}

const WRAPPED = new RegExp(`^\\{\\s*"${PROPERTY}"\\s*:`);

/**
 * The answer without the object around it, digit for digit. Servers that don't keep to schemas answer without it.
 *
 * @param schema as the step has it
 */
export function unwrapped(answer: string, schema: Schema): string {
  const text = answer.trim();
  const [start] = (!isRooted(schema) && WRAPPED.exec(text)) || [];
  return start === undefined || !text.endsWith('}') ? answer : text.slice(start.length, -1).trim();
}

/** Elements come from an array: an object around it would have to be taken apart first. */
export function arrayMistakes({
  array,
  schema,
}: CommonFields & { readonly schema?: Schema | undefined }): FieldMistake[] {
  if (!array || !schema || mayBeArray(schema)) return [];
  const message =
    '`array` needs an array, and the schema wants something else; give the array itself, ' +
    '{"type": "array", "items": {…}}: where a provider needs an object around it, one is put there and taken away again';
  return [{ field: 'schema', message }];
}

function mayBeArray({ type, properties }: Schema): boolean {
  if (type === undefined) return properties === undefined;
  return type === 'array' || (Array.isArray(type) && type.includes('array'));
}
