import type { Row } from './shapes.js';

const HEAD = ['figure', 'what', 'ours', 'against', 'ratio or value', 'target', 'met'];

/** As a table of Markdown, in columns. */
export function table(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [HEAD, rule, ...cells.slice(1)].map((line) => `| ${padded(line, widths).join(' | ')} |`).join('\n');
}

function cellsOf({ figure, what, ours, other, value, target, met }: Row): string[] {
  const verdict = met === null ? '' : met ? 'yes' : 'NO';
  return [figure, what, ours, other ?? '', String(value), target ?? '', verdict];
}

function padded(line: readonly string[], widths: readonly number[]): string[] {
  return line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
}
