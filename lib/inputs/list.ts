import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Issue, messageOf } from '../errors.js';
import { decodeUtf8 } from '../utf8.js';

/** One path of a list, with the line it stands on (from 1). */
export interface Line {
  readonly path: string;
  readonly line: number;
}

/** The paths in a list's text: a trailing CR and blank lines are ignored, spaces are kept. */
function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .map((line, index) => ({ path: line.endsWith('\r') ? line.slice(0, -1) : line, line: index + 1 }))
    .filter(({ path }) => path.trim() !== '');
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
  const lines = parseLines(text.startsWith('\ufeff') ? text.slice(1) : text);
  return lines.length > 0 ? lines : { where: list, message: 'the list is empty; name one file a line' };
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file; expected a text file that lists paths, one a line';
  if (code === 'EISDIR') return 'is a directory; expected a text file that lists paths, one a line';
  return `the list ${code === undefined ? messageOf(error) : `cannot be read: ${messageOf(error)}`}`;
}
