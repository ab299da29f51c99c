import type { Issue } from '../errors.js';
import { checkFiles } from './check-files.js';
import type { Line } from './list.js';

/** Most files that are named one by one. */
const MOST_NAMED = 20;
/** And of a list that has no others: it was taken for a document, or its paths are looked up from the wrong folder. */
const FEW = 3;

/** A list as messages call it, and one of its lines. */
export interface Naming {
  readonly list: string;
  at(line: number): string;
}

/** Checks every file that a list names, each once; lines resolve against `base`. */
export async function listedIssues(
  lines: readonly Line[],
  distinct: ReadonlySet<string>,
  base: string,
  naming: Naming,
): Promise<Issue[]> {
  const problems = await checkFiles(distinct, base);
  if (problems.size === 0) return [];
  const bad = lines.filter(({ path }) => problems.has(path));
  const allAreBad = bad.length === lines.length;
  const issues = bad.slice(0, allAreBad ? FEW : MOST_NAMED).map(({ path, line }) => {
    return { where: naming.at(line), message: `${path}: ${problems.get(path)}${hint(path)}` };
  });
  const more = bad.length - issues.length;
  if (more === 0) return issues;
  const message = allAreBad
    ? `none of its ${lines.length} lines is a file that can be used, looked up from ${base}; a list has the paths of files, one a line`
    : `${more} more of its ${lines.length} files cannot be used`;
  return [...issues, { where: naming.list, message }];
}

function hint(path: string): string {
  if (path.startsWith('~')) return ' (~ isn’t expanded; write the whole path)';
  if (path.endsWith(' ')) return ' (the line ends with a space)';
  return /[*?[]/.test(path) ? ' (patterns aren’t expanded; list every file on a line of its own)' : '';
}

/** A line that stands twice makes two flows, which is seldom meant. */
export function listedWarnings(
  lines: readonly Line[],
  distinct: ReadonlySet<string>,
  { list }: Naming,
): Issue[] {
  const extra = lines.length - distinct.size;
  if (extra === 0) return [];
  const message = `${extra} of its ${lines.length} lines repeat an earlier one (${firstRepeat(lines)}); each makes flows of its own`;
  return [{ where: list, message }];
}

function firstRepeat(lines: readonly Line[]): string {
  const seen = new Set<string>();
  const repeat = lines.find(({ path }) => seen.size === seen.add(path).size);
  return repeat?.path ?? '';
}
