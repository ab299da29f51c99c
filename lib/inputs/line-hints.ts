import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Characters; a longer line isn't a path, and would fill the screen. */
const LONGEST = 200;

/** White space and control or format characters, which look like a space or like nothing. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** A line as messages show it: invisible characters by their code points, a long one shortened. */
export function shownLine(line: string): string {
  const start = line.slice(0, LONGEST).replaceAll(INVISIBLE, (character) => `[${codePoint(character)}]`);
  return line.length > LONGEST ? `${start.toWellFormed()}… (${line.length} characters)` : start;
}

/**
 * Why a line names no file though one may be meant, in parentheses after a space; empty where nothing is known.
 *
 * @param base absolute folder that the line resolves against
 */
export function lineHint(line: string, base: string): string {
  if (line.length > LONGEST) return ' (a list has paths of files, one a line)';
  const hint = quotedHint(line) ?? invisibleHint(line) ?? expandedHint(line, base);
  return hint === null ? '' : ` (${hint})`;
}

/** By git, or as Windows copies a path. */
function quotedHint(line: string): string | null {
  if (!/^(["']).*\1$/s.test(line)) return null;
  return /\\([0-7]{3}|["\\abfnrtv])/.test(line)
    ? 'git quotes such names; list them by git -c core.quotePath=off ls-files, without quotes around them'
    : 'quotes around a line are taken for part of the name; leave them out';
}

function invisibleHint(line: string): string | null {
  if (line.endsWith(' ')) return 'the line ends with a space';
  if (line.startsWith(' ')) return 'the line begins with a space';
  const [first] = stripVTControlCharacters(line).match(INVISIBLE) ?? [];
  return first === undefined ? null : `it has an invisible character, ${codePoint(first)}`;
}

function expandedHint(line: string, base: string): string | null {
  if (line.startsWith('~')) return '~ isn’t expanded; write the whole path';
  const there = pathsWithin(line).find((path) => path !== line && path !== '' && isThere(path, base));
  if (there !== undefined) return `there is ${shownLine(there)}; a line has the path and nothing else`;
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(line)) return 'a list has paths of files, not addresses';
  return isPattern(line)
    ? `patterns aren’t expanded; list every file on a line of its own: ${listing(line)}`
    : null;
}

/**
 * Paths in a line with a program's decoration: `a.ts:12: x` (grep), ` M a.ts` (git status), `a.sh*` (ls -F), colours.
 */
function pathsWithin(line: string): string[] {
  const plain = stripVTControlCharacters(line);
  return [
    plain,
    plain.replace(/:.*$/s, ''),
    plain.replace(/^.*[\s\t]/s, ''),
    plain.replace(/^\S+\s+/, ''),
    plain.replace(/[*@=|,;:]$/, ''),
    plain.normalize('NFC'),
    plain.normalize('NFD'),
  ];
}

function isThere(path: string, base: string): boolean {
  return path.length <= LONGEST && existsSync(resolve(base, path));
}

/** True if a shell would expand it. */
export function isPattern(text: string): boolean {
  return /[*?[]|\{.*,.*\}/.test(text);
}

/** A command that lists the files of a pattern. */
export function listing(pattern: string): string {
  const [, folder = '', name = ''] = /^(.*?)(?:\/|^)\*\*\/(?:.*\/)?([^/]*)$/.exec(pattern) ?? [];
  return name === '' ? `ls ${pattern}` : `find ${folder || '.'} -name '${name}'`;
}

function codePoint(character: string): string {
  const hex = character.codePointAt(0)?.toString(16).toUpperCase() ?? '';
  return `U+${hex.padStart(4, '0')}`;
}
