import { isObject } from '../../values.js';

/** Keywords of which OpenAI's strict mode knows that it can enforce them. */
const KNOWN = new Set(
  [
    [
      '$schema',
      '$id',
      '$ref',
      '$defs',
      'definitions',
      'title',
      'description',
      'type',
      'enum',
      'const',
      'anyOf',
    ],
    ['properties', 'required', 'additionalProperties', 'items', 'minItems', 'maxItems'],
    ['pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ].flat(),
);

type Schema = Readonly<Record<string, unknown>>;

/**
 * Whether a schema meets OpenAI's rules for `strict: true`: the root is an object, every object is closed and
 * requires all its properties, and no keyword stands in it that strict mode refuses.
 */
export function isStrict(schema: Schema): boolean {
  return schema.type === 'object' && !('anyOf' in schema) && meets(schema);
}

function meets(schema: unknown): boolean {
  if (!isObject(schema) || !Object.keys(schema).every((keyword) => KNOWN.has(keyword))) return false;
  return isClosed(schema) && inner(schema).every(meets);
}

function isClosed({ type, properties, required, additionalProperties }: Schema): boolean {
  const object =
    type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;
  if (!object) return true;
  const names = Object.keys(isObject(properties) ? properties : {});
  return (
    additionalProperties === false &&
    names.every((name) => Array.isArray(required) && required.includes(name))
  );
}

function inner({ properties, $defs, definitions, anyOf, items }: Schema): unknown[] {
  const named = [properties, $defs, definitions]
    .filter(isObject)
    .flatMap((schemas) => Object.values(schemas));
  return [...named, ...(Array.isArray(anyOf) ? anyOf : []), ...(items === undefined ? [] : [items])];
}
