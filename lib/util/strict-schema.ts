import { isObject } from './values.js';

// OpenAI's rules for structured output with `strict: true`, as its guide gives them (2026-11); codex asks for it always.

/** Keywords that strict mode is known to enforce. */
const KNOWN = new Set([
  ...[
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
  ...['properties', 'required', 'additionalProperties', 'items', 'minItems', 'maxItems'],
  ...['pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
]);

/** Keywords that strict mode is known to refuse; of others it is unknown. */
const REFUSED = new Set([
  ...['allOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas', 'dependencies'],
  ...['patternProperties', 'unevaluatedProperties', 'propertyNames', 'minProperties', 'maxProperties'],
  ...['unevaluatedItems', 'contains', 'minContains', 'maxContains', 'uniqueItems', 'default'],
]);

const MOST_PROPERTIES = 5000;
/** Objects within objects. */
const MOST_LEVELS = 10;
const MOST_ENUM_VALUES = 1000;
/** Names of properties and definitions, texts of `enum` and `const`. */
const MOST_CHARACTERS = 120_000;
/** Of the texts of one `enum` that has more values than the second number. */
const MOST_ENUM_CHARACTERS = 15_000;
const LONG_ENUM = 250;

type Schema = Readonly<Record<string, unknown>>;

/** A part of a schema that strict mode refuses. */
export interface StrictIssue {
  /** Where it stands: `properties.a.items`; empty for the root. */
  readonly path: string;
  readonly message: string;
}

/** True if strict mode accepts the schema, as far as its rules are known. */
export function isStrict(schema: Schema): boolean {
  return strictIssue(schema) === null && nodesOf(schema).every(({ node }) => isKnown(node));
}

/** The first thing for which strict mode refuses the schema; null where there is none. */
export function strictIssue(schema: Schema): StrictIssue | null {
  if (schema.type !== 'object') return { path: '', message: 'the root must have `type: object`' };
  if ('anyOf' in schema) return { path: '', message: 'the root must not have `anyOf`' };
  const nodes = nodesOf(schema);
  for (const { path, node } of nodes) {
    const message = issueOf(node);
    if (message !== null) return { path: path.join('.'), message };
  }
  const message = sizeIssue(nodes);
  return message === null ? null : { path: '', message };
}

function issueOf(node: unknown): string | null {
  if (!isObject(node)) return 'must be a schema object, not true or false';
  const refused = Object.keys(node).find((keyword) => REFUSED.has(keyword));
  if (refused !== undefined) return `\`${refused}\` isn't allowed`;
  return isObjectSchema(node) ? closedIssue(node) : null;
}

function isObjectSchema({ type, properties }: Schema): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;
}

function closedIssue({ properties, required, additionalProperties }: Schema): string | null {
  if (additionalProperties !== false) return 'an object needs `additionalProperties: false`';
  const names = Object.keys(isObject(properties) ? properties : {});
  const optional = names.filter((name) => !Array.isArray(required) || !required.includes(name));
  if (optional.length === 0) return null;
  return `\`required\` must list every property, and ${optional.join(', ')} is missing (an optional one has the type null as well)`;
}

function sizeIssue(nodes: readonly Node[]): string | null {
  const schemas = nodes.map(({ node }) => node).filter(isObject);
  const properties = schemas.flatMap((schema) => namesIn(schema.properties));
  if (properties.length > MOST_PROPERTIES) return `it has more than ${MOST_PROPERTIES} properties`;
  if (nodes.some(({ levels }) => levels > MOST_LEVELS))
    return `objects are nested more than ${MOST_LEVELS} levels deep`;
  const enums = schemas.map((schema) => (Array.isArray(schema.enum) ? schema.enum : []));
  if (enums.flat().length > MOST_ENUM_VALUES)
    return `it has more than ${MOST_ENUM_VALUES} values of \`enum\``;
  if (enums.some((values) => values.length > LONG_ENUM && lengthOf(values) > MOST_ENUM_CHARACTERS))
    return `an \`enum\` of more than ${LONG_ENUM} values has more than ${MOST_ENUM_CHARACTERS} characters`;
  const names = schemas.flatMap(({ $defs, definitions }) => [...namesIn($defs), ...namesIn(definitions)]);
  const texts = schemas.map((schema) => schema.const);
  if (lengthOf([...properties, ...names, ...enums.flat(), ...texts]) > MOST_CHARACTERS)
    return `its names and values have more than ${MOST_CHARACTERS} characters`;
  return null;
}

function namesIn(schemas: unknown): string[] {
  return isObject(schemas) ? Object.keys(schemas) : [];
}

function lengthOf(texts: readonly unknown[]): number {
  return texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0);
}

function isKnown(node: unknown): boolean {
  if (!isObject(node)) return false;
  // Draft-04 has them as booleans.
  const bounds = [node.exclusiveMinimum, node.exclusiveMaximum];
  return (
    Object.keys(node).every((keyword) => KNOWN.has(keyword)) &&
    !bounds.some((bound) => typeof bound === 'boolean')
  );
}

/** A schema within a schema. */
interface Node {
  readonly path: readonly string[];
  readonly node: unknown;
  /** How many objects it stands in, itself included. */
  readonly levels: number;
}

function nodesOf(node: unknown, path: readonly string[] = [], outer = 0): Node[] {
  if (!isObject(node)) return [{ path, node, levels: outer }];
  const levels = outer + (isObjectSchema(node) ? 1 : 0);
  return [
    { path, node, levels },
    ...inner(node).flatMap(([more, schema]) => nodesOf(schema, [...path, ...more], levels)),
  ];
}

type Inner = readonly [path: readonly string[], schema: unknown];

function inner({ properties, $defs, definitions, anyOf, items }: Schema): Inner[] {
  const named = Object.entries({ properties, $defs, definitions }).flatMap(([keyword, schemas]) =>
    Object.entries(isObject(schemas) ? schemas : {}).map(
      ([name, schema]): Inner => [[keyword, name], schema],
    ),
  );
  const choices: unknown[] = Array.isArray(anyOf) ? anyOf : [];
  return [
    ...named,
    ...choices.map((schema, index): Inner => [[`anyOf[${index}]`], schema]),
    ...(items === undefined ? [] : [[['items'], items] satisfies Inner]),
  ];
}
