import { sumOf } from './line.js';
import { LineReader } from './line-reader.js';
import { OffsetTable } from './offset-table.js';

/** The lines of a journal, each once: an editor, or a copy, may have doubled some. */
export class LineSet {
  readonly #reader: LineReader;
  readonly #offsets = new OffsetTable();

  /** @param fd of the journal, open for reading */
  constructor(fd: number) {
    this.#reader = new LineReader(fd);
  }

  /** False where the same line was added before. @param line sound, without its newline */
  add(line: Buffer, offset: number): boolean {
    const sum = sumOf(line);
    const isSame = (earlier: number) => this.#reader.lineAt(earlier)?.equals(line) || undefined;
    if (this.#offsets.last(sum, isSame)) return false;
    this.#offsets.add(sum, offset);
    return true;
  }
}
