import type { Document, LineCounter, YAMLError } from 'yaml';
import { ConfigError, type Issue, messageOf } from '../errors.js';
import { isDeeperThan, MOST_CONFIG_LEVELS } from '../util/depth.js';
import { jsonError } from './json-error.js';
import { plainWords, yamlMistake } from './yaml-error.js';

/** The value in a config's text: by JSON's own rules in a `.json` file, else YAML, of which JSON is a part. */
export async function parseText(file: string, text: string): Promise<unknown> {
  const value = await parsed(file, text).catch((error: unknown) => {
    throw error instanceof RangeError ? tooDeep(file) : error; // the parser ran out of stack
  });
  if (isDeeperThan(MOST_CONFIG_LEVELS, value)) throw tooDeep(file);
  return value;
}

async function parsed(file: string, text: string): Promise<unknown> {
  return file.toLowerCase().endsWith('.json') ? parseJson(file, text) : parseYaml(file, text);
}

function tooDeep(file: string): ConfigError {
  const message = `is nested more than ${MOST_CONFIG_LEVELS} levels deep`;
  return new ConfigError([{ where: file, message }]);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const issue = jsonIssue(file, text) ?? { where: file, message: `is not valid JSON: ${messageOf(error)}` };
    throw new ConfigError([issue]);
  }
}

function jsonIssue(file: string, text: string): Issue | null {
  const mistake = jsonError(text);
  if (!mistake) return null;
  const where = at(file, lineAndColumn(text, mistake.position));
  return { where, message: `is not valid JSON: ${mistake.message}` };
}

function lineAndColumn(text: string, position: number): { line: number; col: number } {
  const lines = text.slice(0, position).split('\n');
  return { line: lines.length, col: (lines.at(-1)?.length ?? 0) + 1 };
}

async function parseYaml(file: string, text: string): Promise<unknown> {
  const { document, lineCounter } = await yamlDocument(text);
  const mistakes = [...document.errors, ...document.warnings];
  if (mistakes.length > 0) {
    const asJson = isMeantAsJson(text) ? jsonIssue(file, text) : null;
    throw new ConfigError(asJson ? [asJson] : yamlIssues(file, text, mistakes, lineCounter));
  }
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([{ where: file, message: `is not valid YAML: ${plainWords(messageOf(error))}` }]);
  }
}

/** A list or an object that begins with a text in double quotes. */
function isMeantAsJson(text: string): boolean {
  return /^\s*(?:\[\s*)?(?:\{\s*)?"/.test(text);
}

/** The first mistake of each line: others in it follow from that. */
function yamlIssues(
  file: string,
  text: string,
  mistakes: readonly YAMLError[],
  lineCounter: LineCounter,
): Issue[] {
  const lines = text.split('\n');
  const told = new Set<number>();
  return mistakes.flatMap((mistake) => {
    const place = lineCounter.linePos(mistake.pos[0]);
    if (told.has(place.line)) return [];
    told.add(place.line);
    const message = yamlMistake(mistake, text, lines[place.line - 1] ?? '');
    return [{ where: at(file, place), message: `is not valid YAML: ${message}` }];
  });
}

/** A parsed YAML text, and the lines of its nodes. */
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
