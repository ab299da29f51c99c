import type { Document, LineCounter } from 'yaml';
import { ConfigError, type Issue, messageOf } from '../errors.js';
import { jsonError } from './json-error.js';

/** The value in a config's text: by JSON's own rules in a `.json` file, else YAML, of which JSON is a part. */
export async function parseText(file: string, text: string): Promise<unknown> {
  return file.toLowerCase().endsWith('.json') ? parseJson(file, text) : parseYaml(file, text);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError([jsonIssue(file, text, error)]);
  }
}

function jsonIssue(file: string, text: string, error: unknown): Issue {
  const mistake = jsonError(text);
  if (!mistake) return { where: file, message: `is not valid JSON: ${messageOf(error)}` };
  const { position, expected } = mistake;
  const found =
    position < text.length
      ? JSON.stringify(String.fromCodePoint(text.codePointAt(position) ?? 0))
      : 'the end';
  return {
    where: at(file, lineAndColumn(text, position)),
    message: `is not valid JSON: expected ${expected}, found ${found}`,
  };
}

function lineAndColumn(text: string, position: number): { line: number; col: number } {
  const lines = text.slice(0, position).split('\n');
  return { line: lines.length, col: (lines.at(-1)?.length ?? 0) + 1 };
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  const { document, lineCounter } = await yamlDocument(text);
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    const lines = text.split('\n');
    const issues = mistakes.map(({ message, pos: [position] }) => {
      const place = lineCounter.linePos(position);
      return { line: place.line, issue: yamlIssue(at(file, place), message, lines[place.line - 1] ?? '') };
    });
    // The others in a line follow from its first one.
    const firsts = issues.filter(({ line }, nth) => issues.findIndex((other) => other.line === line) === nth);
    throw new ConfigError(firsts.map(({ issue }) => issue));
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([{ where: file, message: `is not valid YAML: ${messageOf(error)}` }]);
  }
}

/** What most mistakes come from that make a line of a config no YAML. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^[ -]*\t/, 'the line is indented by a tab; write spaces'],
  [/^[ -]*\w+: +[^\s'"|>&*[{#].*?:(\s|$)/, 'a text with a colon and a space in it needs quotes around it'],
  [/^[^'"#]*[:,[-]\s*\{\{/, 'a text that begins with { needs quotes around it'],
];

function yamlIssue(where: string, message: string, line: string): Issue {
  const cause = CAUSES.find(([pattern]) => pattern.test(line));
  return { where, message: `is not valid YAML: ${cause?.[1] ?? message}` };
}

/** A text as YAML has it, and the lines of what stands in it. */
export async function yamlDocument(
  text: string,
): Promise<{ readonly document: Document.Parsed; readonly lineCounter: LineCounter }> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true, stringKeys: true });
  return { document, lineCounter };
}

export function at(file: string, { line, col }: { line: number; col: number }): string {
  return `${file}:${line}:${col}`;
}
