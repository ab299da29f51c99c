import { oneLine } from '../util/text.js';

/** Cells of one row; those of a column with numbers are aligned on the right. */
export type Row = readonly (string | number | null)[];

const GAP = '  ';
const NOTHING = '-';

/**
 * The rows under their headings, one text a line, each column as wide as its widest cell; control characters of
 * terminals are left out.
 */
export function table(headings: readonly string[], rows: readonly Row[]): string[] {
  const columns = headings.map((heading, place) => {
    const cells = rows.map((row) => row[place] ?? null);
    const texts = [heading, ...cells.map((cell) => oneLine(String(cell ?? NOTHING)))];
    const width = Math.max(...texts.map(({ length }) => length));
    const pad = cells.some((cell) => typeof cell === 'number') ? 'padStart' : 'padEnd';
    return texts.map((text) => text[pad](width));
  });
  const line = (place: number) => columns.map((texts) => texts[place]).join(GAP);
  return [headings, ...rows].map((_, place) => line(place).trimEnd());
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people: `97 B`, `1.5 kB`, `240 MB`. */
export function sizeText(bytes: number): string {
  const unit = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** unit;
  return `${unit > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}
