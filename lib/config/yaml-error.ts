import type { ErrorCode, YAMLError } from 'yaml';
import { escapeAdvice } from './json-error.js';

/** Usual causes of a mistake, by its line; YAML's own message hardly shows them. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^[ -]*\t/, 'the line is indented by a tab; write spaces'],
  [/^\s*-?\s*\w+: +"(?:[^"\\]|\\.)*",\s*$/, 'a comma ends the line; leave it out'],
  [
    /^\s*-?\s*\w+: +'(?:[^']|'')*'\w/,
    "an apostrophe ends a text in single quotes; write it twice ('it''s'), or use double quotes",
  ],
  [/^[ -]*\w+: +[^\s'"|>&*[{#].*?:(\s|$)/, 'a text with a colon and a space in it needs quotes around it'],
  [/^[^'"#]*[:,[-]\s*\{\{/, 'a text that begins with { needs quotes around it'],
  [/^[ -]*\w+: +[|>][+-]?\d? +[^#\s]/, 'the text after | or > begins on the next line, indented'],
];

/** A text that begins with one of these means something else in YAML. */
const INDICATOR = /^[ -]*(?:\w+: +)?([*&!%@`])/;

const INDENTED =
  "the line's indentation doesn't fit the lines around it: the fields of a step begin in one column";

const WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_INDENT: INDENTED,
  DUPLICATE_KEY: 'the field is given twice; its name must be unique',
  MULTIPLE_DOCS: 'a second document begins here (---); a config is one list of steps',
  TAB_AS_INDENT: 'the line is indented by a tab; write spaces',
};

/** Explains the mistake in plain words; with YAML's own where there are none. @param line of the mistake */
export function yamlMistake(
  { code, message, pos: [position] }: Pick<YAMLError, 'code' | 'message' | 'pos'>,
  text: string,
  line: string,
): string {
  if (code === 'BAD_DQ_ESCAPE') return escapeAdvice(text.slice(position));
  const cause = CAUSES.find(([pattern]) => pattern.test(line));
  if (cause) return cause[1];
  const [, indicator] = INDICATOR.exec(line) ?? [];
  if (indicator !== undefined) return `a text that begins with ${indicator} needs quotes around it`;
  return WORDS[code] ?? plainWords(message, line);
}

/** A parser's message in plain words, where they are known. @param line where the mistake stands */
export function plainWords(message: string, line = ''): string {
  const followsField = /at node end$/.test(message) && /^\w+:/.test(line);
  if (followsField || /without - indicator|must start at the same column|on a single line/.test(message))
    return INDENTED;
  if (/at node end$/.test(message))
    return 'something follows where the value has ended; a text needs quotes around all of it, a field a line of its own';
  if (/call stack/.test(message)) return 'lists and objects are nested too deep';
  if (/^Missing closing/.test(message)) return 'a text in quotes has no closing quote';
  if (/^Unresolved alias/.test(message))
    return `${message.replace(/^.*: /s, '*')} refers to nothing; a text that begins with * needs quotes around it`;
  const [, close] = /must be sufficiently indented and end with a (.)/.exec(message) ?? [];
  return close === undefined ? message : `expected "${close}"`;
}
