import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf, type Issue, messageOf } from '../errors.js';
import { decodeUtf8 } from '../utf8.js';

/** One path of a list, with the line it stands on (from 1). */
export interface Line {
  readonly path: string;
  readonly line: number;
}

/** The paths in a list's text: a trailing CR and blank lines are ignored, spaces are kept. */
function parseLines(text: string): Line[] {
  const lines: Line[] = [];
  const known = new Map<string, string>();
  let line = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    line++;
    const path = text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    if (path.trim() !== '') lines.push({ path: shared(path, known), line });
    start = end + 1;
  }
  return lines;
}

/** Lines that are the same share one string: lists that repeat a few files a million times stay small. */
function shared(path: string, known: Map<string, string>): string {
  const first = known.get(path);
  if (first === undefined) known.set(path, path);
  return first ?? path;
}

/**
 * Reads a list of paths, one a line.
 * @param list its file as the user named it, resolved against `cwd`
 */
export async function readList(list: string, cwd: string): Promise<Line[] | Issue> {
  try {
    return parseList(list, decodeUtf8(await readFile(resolve(cwd, list))));
  } catch (error) {
    return { where: list, message: whyUnreadable(error) };
  }
}

/** A list's text that was read elsewhere (from stdin). */
export function parseList(list: string, text: string): Line[] | Issue {
  if (text.includes('\0')) {
    const message = 'has NUL characters: it is UTF-16, or no text; convert it: iconv -f UTF-16LE -t UTF-8';
    return { where: list, message: `the list ${message}` };
  }
  const lines = parseLines(text.startsWith('\ufeff') ? text.slice(1) : text);
  return lines.length > 0 ? lines : { where: list, message: 'the list is empty; name one file a line' };
}

function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'no such file; expected a text file that lists paths, one a line';
  if (code === 'EISDIR') return 'is a directory; expected a text file that lists paths, one a line';
  return `the list ${code === undefined ? messageOf(error) : `cannot be read: ${messageOf(error)}`}`;
}
