import type { Issue } from '../errors.js';
import { checkFiles } from './check-files.js';
import { lineHint, shownLine } from './line-hints.js';
import { documentHint, type Line } from './list.js';

/** Most files that are named one by one. */
const MOST_NAMED = 20;
/** And of a list that has no others: it was taken for a document, or its paths are looked up from the wrong folder. */
const FEW = 3;

/** A list as messages call it, and one of its lines. */
export interface Naming {
  readonly list: string;
  /** The key that it is for. */
  readonly key: string;
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
    const message = `${shownLine(path)}: ${problems.get(path)}${lineHint(path, base)}`;
    return { where: naming.at(line), message };
  });
  const message = allAreBad
    ? unusable(lines.length, base, naming)
    : moreOf(bad.length - issues.length, lines.length);
  return message === null ? issues : [...issues, { where: naming.list, message }];
}

/** A short list of lines that all are wrong says enough, unless it is a document by its name. */
function unusable(lines: number, base: string, { list, key }: Naming): string | null {
  const hint = documentHint(list, key);
  if (lines <= FEW && hint === '') return null;
  const none = lines === 1 ? "its one line isn't a file" : `none of its ${lines} lines is a file`;
  return `${none} that can be used, looked up from ${base}; a list has the paths of files, one a line${hint}`;
}

function moreOf(count: number, lines: number): string | null {
  return count > 0 ? `${count} more of its ${lines} files cannot be used` : null;
}

/** A line that stands twice makes two flows, which is seldom meant. */
export function listedWarnings(
  lines: readonly Line[],
  distinct: ReadonlySet<string>,
  { list }: Naming,
): Issue[] {
  const extra = lines.length - distinct.size;
  if (extra === 0) return [];
  const message = `${extra} of its ${lines.length} lines repeat an earlier one (${shownLine(firstRepeat(lines))}); each makes flows of its own`;
  return [{ where: list, message }];
}

function firstRepeat(lines: readonly Line[]): string {
  const seen = new Set<string>();
  const repeat = lines.find(({ path }) => seen.size === seen.add(path).size);
  return repeat?.path ?? '';
}
