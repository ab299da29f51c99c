/** What a terminal of that width shows after all this was written to it, line by line. Knows what the live line needs. */
export function rendered(written: string, columns: number): string[] {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  const cells = () => {
    rows[row] ??= [];
    return rows[row] ?? [];
  };
  const write = (character: string) => {
    const width = widthOf(character);
    if (column + width > columns) [row, column] = [row + 1, 0];
    cells()[column] = character;
    if (width === 2) cells()[column + 1] = '';
    column += width;
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what terminals are told by
  for (const [part, count, command] of written.matchAll(/\x1b\[\??([\d;]*)([A-Za-z])|./gsu)) {
    if (part === '\r' || command === 'G') column = 0;
    else if (part === '\n') row++;
    else if (command === 'A') row -= Number(count || 1);
    else if (command === 'B') row += Number(count || 1);
    else if (command === 'K') cells().length = count === '2' ? 0 : Math.min(column, cells().length);
    else if (command === undefined) write(part);
  }
  cells();
  return Array.from(rows, (row) => Array.from(row ?? [], (cell) => cell ?? ' ').join(''));
}

/** Letters of eastern scripts take two columns. */
function widthOf(character: string): number {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(character) ? 2 : 1;
}
