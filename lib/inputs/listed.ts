import { resolve } from 'node:path';
import type { Issue } from '../errors.js';
import { checkFiles } from './check-files.js';
import { duplicates } from './key.js';
import type { Line } from './list.js';

/** Most files that are named one by one. */
const MOST_NAMED = 20;

/** A list as messages call it, and one of its lines. */
export interface Naming {
  readonly list: string;
  at(line: number): string;
}

/** Checks every file that a list names; lines resolve against `base`. */
export async function listedIssues(lines: readonly Line[], base: string, naming: Naming): Promise<Issue[]> {
  const bad = await checkFiles(lines.map(({ path }) => resolve(base, path)));
  const issues = bad.slice(0, MOST_NAMED).map(({ index, message }) => {
    const { path, line } = lines[index] ?? { path: '', line: 0 };
    return { where: naming.at(line), message: `${path}: ${message}${hint(path)}` };
  });
  const more = bad.length - issues.length;
  if (more === 0) return issues;
  const message = `${more} more of its ${lines.length} files cannot be used`;
  return [...issues, { where: naming.list, message }];
}

function hint(path: string): string {
  if (path.startsWith('~')) return ' (~ isn’t expanded; write the whole path)';
  if (path.endsWith(' ')) return ' (the line ends with a space)';
  return /[*?[]/.test(path) ? ' (patterns aren’t expanded; list every file on a line of its own)' : '';
}

/** A line that stands twice makes two flows, which is seldom meant. */
export function listedWarnings(lines: readonly Line[], { list }: Naming): Issue[] {
  const paths = lines.map(({ path }) => path);
  const repeated = duplicates(paths);
  if (repeated.size === 0) return [];
  const extra = paths.length - new Set(paths).size;
  const [first] = repeated;
  const message = `${extra} of its ${paths.length} lines repeat an earlier one (${first}); each makes flows of its own`;
  return [{ where: list, message }];
}
