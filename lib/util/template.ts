/** The content between `{{{` and `}}}`; `name` is how it was written. */
export type Placeholder =
  | { readonly kind: 'content' | 'path' | 'file'; readonly name: string; readonly key: string }
  | { readonly kind: 'previous'; readonly name: string }
  | { readonly kind: 'output'; readonly name: string; readonly step: string }
  /** Nothing can define it (`foo.size`, `steps`); the check of the config refuses it. */
  | { readonly kind: 'unknown'; readonly name: string };

/** A text with placeholders, taken apart once; the strings between them have their `\{{{` and `\{{name}}` resolved. */
export interface Template {
  readonly parts: readonly (string | Placeholder)[];
}

/**
 * Characters of a text with all insertions. No model takes a longer prompt (2026-11), and no program a longer argument.
 */
export const MOST_RENDERED = 64 * 2 ** 20;

/** A text would be too long with everything put in. */
export class TooLong extends Error {
  override readonly name = 'TooLong';

  constructor() {
    super(`a text with everything put in has more than ${MOST_RENDERED} characters`);
  }
}

/** Where the texts of placeholders come from, for one flow. */
export interface Sources {
  readonly previous: string;
  content(key: string): string | Promise<string>;
  path(key: string): string;
  file(key: string): string;
  output(step: string): string;
}

const identifier = '[A-Za-z_][A-Za-z0-9_-]*';
const identifierOnly = new RegExp(`^${identifier}$`);
/**
 * An escaped `{{{`, or `{{` of what could be taken for a misspelt placeholder; or a whole placeholder with its name
 * captured. Anything else is plain text.
 */
const token = new RegExp(
  `\\\\\\{{3}|\\\\\\{{2}(?=\\s*${identifier}(?:\\.${identifier})?\\s*\\}{2})|\\{{3}(${identifier}(?:\\.${identifier})*)\\}{3}`,
  'g',
);

/** True if a placeholder could name it: the rule for names of keys and referenced steps. */
export function isIdentifier(name: string): boolean {
  return identifierOnly.test(name);
}

/** Takes a text apart at its placeholders. Every text is a template: there is nothing to get wrong here. */
export function parse(text: string): Template {
  const parts: (string | Placeholder)[] = [];
  let plain = '';
  let end = 0;
  for (const match of text.matchAll(token)) {
    plain += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (match[1] === undefined) {
      plain += match[0].slice(1);
      continue;
    }
    if (plain) parts.push(plain);
    parts.push(placeholder(match[1]));
    plain = '';
  }
  plain += text.slice(end);
  if (plain || parts.length === 0) parts.push(plain);
  return { parts };
}

function placeholder(name: string): Placeholder {
  const [first = '', second, ...rest] = name.split('.');
  if (rest.length > 0) return { kind: 'unknown', name };
  if (first === 'steps') return second ? { kind: 'output', name, step: second } : { kind: 'unknown', name };
  if (first === 'previous') return { kind: second ? 'unknown' : 'previous', name };
  if (second === undefined) return { kind: 'content', name, key: first };
  if (second === 'path' || second === 'file') return { kind: second, name, key: first };
  return { kind: 'unknown', name };
}

/** The placeholders of a template, in order, repeated ones included. */
export function placeholders(template: Template): Placeholder[] {
  return template.parts.filter((part) => typeof part !== 'string');
}

/**
 * The text with all insertions, at once when all of them are at hand. Insertions are never scanned, so contents come
 * out exactly as they went in. Throws or rejects with a TooLong.
 */
export function render({ parts }: Template, sources: Sources): string | Promise<string> {
  let text = '';
  for (const [index, part] of parts.entries()) {
    const value = typeof part === 'string' ? part : textOf(part, sources);
    if (typeof value !== 'string') return renderRest(text, value, parts.slice(index + 1), sources);
    text = joined(text, value);
  }
  return text;
}

/** One after the other: a value that throws must not leave an earlier promise without a listener. */
async function renderRest(
  before: string,
  pending: Promise<string>,
  rest: readonly (string | Placeholder)[],
  sources: Sources,
): Promise<string> {
  let text = joined(before, await pending);
  for (const part of rest) text = joined(text, typeof part === 'string' ? part : await textOf(part, sources));
  return text;
}

/** Checked part by part: the rest needn't be read. */
export function joined(text: string, next: string): string {
  if (text.length + next.length > MOST_RENDERED) throw new TooLong();
  return text + next;
}

function textOf(part: Placeholder, sources: Sources): string | Promise<string> {
  switch (part.kind) {
    case 'content':
      return sources.content(part.key);
    case 'path':
      return sources.path(part.key);
    case 'file':
      return sources.file(part.key);
    case 'previous':
      return sources.previous;
    case 'output':
      return sources.output(part.step);
    case 'unknown':
      return `{{{${part.name}}}}`;
  }
}
