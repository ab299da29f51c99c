import { JournalError } from './errors.js';
import { hasHead, isSound, textOf } from './line.js';
import { hashOf, OffsetTable } from './offset-table.js';

/** A line of the journal. */
export interface FoundLine {
  readonly text: string;
  readonly offset: number;
}

/** The bytes of the line that begins at an offset, without its newline; undefined where none does. */
export type LineAt = (offset: number) => Buffer | undefined;

/** Finds the lines of a journal by their heads. */
export class LineIndex {
  readonly #table = new OffsetTable();
  readonly #file: string;
  readonly #lineAt: LineAt;

  constructor(file: string, lineAt: LineAt) {
    this.#file = file;
    this.#lineAt = lineAt;
  }

  add(head: string, offset: number): void {
    this.#table.add(hashOf(head), offset);
  }

  get isEmpty(): boolean {
    return this.#table.isEmpty;
  }

  /** Where the lines are, in order. */
  offsets(): Float64Array {
    return this.#table.offsets();
  }

  /** The latest line with this head. Throws a JournalError where a line has changed since it was added. */
  last(head: string): FoundLine | undefined {
    return this.#table.last(hashOf(head), (offset) => {
      const text = this.textAt(offset);
      return hasHead(text, head) ? { text, offset } : undefined;
    });
  }

  textAt(offset: number): string {
    const bytes = this.#lineAt(offset);
    if (bytes && isSound(bytes, 0, bytes.length)) return textOf(bytes);
    const hint = 'Something else writes to this file; let the run end, and resume it.';
    throw new JournalError('the line has changed since the journal was opened', {
      file: this.#file,
      offset,
      hint,
    });
  }
}
