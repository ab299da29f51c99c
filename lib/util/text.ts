import { stripVTControlCharacters } from 'node:util';

/**
 * A foreign text without characters that could do something to a terminal or turn the text's direction; only line
 * breaks are kept.
 */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, ' ');
}

/** The same on one line. Not by one pattern: that takes long where there are spaces by the thousand. */
export function oneLine(text: string): string {
  const lines = harmless(text.replaceAll(/[\r\u0085\u2028\u2029]/g, '\n')).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' | ');
}
