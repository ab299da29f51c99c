import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { codeOf, systemReason } from '../errors.js';
import { readBounded, Unbounded } from '../files/bounded-file.js';
import { decodeUtf8, NotText } from '../util/utf8.js';
import { isPattern, listing } from './line-hints.js';

/** Bytes of a list's text: some millions of paths. (One from stdin has its place in `run.json`, which is read up to 256 MiB.) */
export const MOST_LIST_BYTES = 128 * 2 ** 20;

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

/** Why a list can't be used. */
export interface BadList {
  readonly message: string;
  /** A command that writes the probably intended list, and the reason for it; empty where there is none. */
  readonly instead: string;
}

/**
 * Reads a list of paths, one a line.
 * @param list its file as the user named it, resolved against `cwd`
 */
export async function readList(list: string, cwd: string): Promise<Line[] | BadList> {
  try {
    return parseList(decodeUtf8(await readBounded(resolve(cwd, list), MOST_LIST_BYTES)));
  } catch (error) {
    return { message: whyUnreadable(error), instead: insteadOf(list, cwd, codeOf(error)) };
  }
}

/** A list's text that was read elsewhere (from stdin, or a pipe). */
export function parseList(text: string): Line[] | BadList {
  if (text.includes('\0')) return { message: `the list ${whyNuls(text)}`, instead: '' };
  const lines = parseLines(text.startsWith('\ufeff') ? text.slice(1) : text);
  return lines.length > 0 ? lines : { message: 'the list is empty; name one file a line', instead: '' };
}

/** Characters that are enough to tell. */
const SAMPLE = 1000;

function whyNuls(text: string): string {
  const sample = [...text.slice(0, SAMPLE)];
  const places = sample.flatMap((character, place) => (character === '\0' ? [place % 2] : []));
  const alternate = places.length * 3 > sample.length && new Set(places).size === 1;
  return alternate
    ? 'has a NUL in every other place: it is UTF-16; convert it: iconv -f UTF-16LE -t UTF-8'
    : "has NUL characters, as programs write them with -z, -0 or -print0; a list has one path a line: leave that out, or add | tr '\\0' '\\n'";
}

const EXPECTED = 'expected a text file that lists paths, one a line';

function whyUnreadable(error: unknown): string {
  if (error instanceof Unbounded) return `the list ${error.message}; ${EXPECTED}`;
  if (error instanceof NotText) return `the list ${error.message}`;
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return `no such file; ${EXPECTED}`;
  if (code === 'EISDIR') return `is a directory; ${EXPECTED}`;
  return `the list cannot be read: ${systemReason(error)}`;
}

function insteadOf(list: string, cwd: string, code: string | undefined): string {
  if (code === 'EISDIR') return `list its files: find ${list} -type f`;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return '';
  const names = list.split(',');
  if (names.length > 1 && names.every((name) => existsSync(resolve(cwd, name))))
    return `name one file a line: printf '%s\\n' ${names.join(' ')}`;
  return isPattern(list) ? `patterns aren’t expanded: ${listing(list)}` : '';
}

/** How lists are called; other names are those of documents. */
const LIST_NAME = /^stdin$|^keys\.|\.(txt|list|lst)$|^[^.]*$|\/[^./]*$/i;

/** Says how a file is used itself that was given as a list, where its name isn't that of a list; else empty. */
export function documentHint(list: string, key: string): string {
  return LIST_NAME.test(list) ? '' : `; to use ${list} itself: ${inPlaceOf(`echo ${list}`, key)}`;
}

/** A command that writes a list, for a key. */
export function inPlaceOf(command: string, key: string): string {
  return `${command} | orchestrator run … --key ${key}:-`;
}
