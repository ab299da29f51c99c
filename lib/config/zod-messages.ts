import type * as z from 'zod';
import type { Issue } from '../errors.js';
import { mismatch, suggestion } from '../util/suggest.js';

/** The message where no member of a union fits and the schema has no message of its own: theirs are joined. */
const IN_UNION = 'fits none of the alternatives';

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** Messages for the issues of a schema; a schema's own message comes first. */
export const zodMessages: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return mismatch(NAMES[issue.expected] ?? issue.expected, issue.input);
    case 'too_small':
      if (issue.origin !== 'number' && issue.origin !== 'int')
        return issue.minimum === 1 ? 'is empty' : undefined;
      return mismatch(
        `a number ${issue.inclusive ? 'from' : 'above'} ${issue.minimum}${issue.inclusive ? ' up' : ''}`,
        issue.input,
      );
    case 'too_big':
      return mismatch(`a number up to ${issue.maximum}`, issue.input);
    case 'invalid_value':
      return `${mismatch(oneOf(issue.values), issue.input)}${nearValue(issue.input, issue.values)}`;
    case 'unrecognized_keys':
      return `unknown field ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_union':
      return IN_UNION;
    default:
      return undefined;
  }
};

/** The issues of a schema, each at its place below `where`. */
export function issuesOf(where: string, error: z.core.$ZodError): Issue[] {
  return error.issues.flatMap((issue) => found(where, issue));
}

function found(where: string, issue: z.core.$ZodIssue): Issue[] {
  const at = joinPath(where, issue.path);
  if (issue.code !== 'invalid_union' || issue.message !== IN_UNION)
    return [{ where: at, message: issue.message }];
  const inside = issue.errors.find(
    (errors) => errors.length > 0 && errors.every(({ path }) => path.length > 0),
  );
  if (inside) return inside.flatMap((error) => found(at, error));
  const messages = issue.errors.flatMap((errors) => errors.map(({ message }) => message));
  return [{ where: at, message: alternatives(messages) }];
}

/** `expected a string, got 5 (number)` and `expected a list, got 5 (number)` as one sentence. */
function alternatives(messages: readonly string[]): string {
  const parts = messages.map((message) => /^((?:is missing; )?expected )(.*?)(, got .*)?$/s.exec(message));
  const [first] = parts;
  if (!first || parts.includes(null)) return messages.join(', or ');
  const expected = new Set(parts.map((part) => part?.[2]));
  return `${first[1]}${[...expected].join(' or ')}${first[3] ?? ''}`;
}

/** `steps[1]` and `['cmd', 2]` as `steps[1].cmd[2]`. */
function joinPath(where: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((at, part) => {
    if (typeof part === 'number') return `${at}[${part}]`;
    return at === '' ? String(part) : `${at}.${String(part)}`;
  }, where);
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length > 1 ? `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}` : `${texts[0]}`;
}

function nearValue(input: unknown, values: readonly unknown[]): string {
  return typeof input === 'string'
    ? suggestion(
        input,
        values.filter((value) => typeof value === 'string'),
      )
    : '';
}
