import { NEWLINE, putLine } from './line.js';

/** Lines that are written together. */
interface Chunk {
  readonly bytes: Buffer;
  /** Where they go in the file. */
  readonly offset: number;
  /** How many of the bytes are lines. */
  used: number;
}

const CHUNK_BYTES = 2 ** 18;
const LONGEST_CHARACTER = 3;

/** Lines on their way into a file: each has its place there as soon as it is added. */
export class LineBuffer {
  /** Lines that have no place yet. */
  #unmade: (() => string)[] = [];
  /** The last one is being filled. */
  #chunks: Chunk[] = [];
  /** They are being written, and can be found until they are. */
  #taken: Chunk[] = [];
  #spares: Buffer[] = [];
  #end: number;

  /** @param end where the first line goes */
  constructor(end: number) {
    this.#end = end;
  }

  /** Where the next line goes, those aside that aren't made yet. */
  get end(): number {
    return this.#end;
  }

  /** Whether nothing was added since the last `take`. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0 && this.#unmade.length === 0;
  }

  /** Returns where the line goes. */
  add(line: string): number {
    this.make();
    return this.#put(line);
  }

  /** A line that `make` makes. */
  addUnmade(line: () => string): void {
    this.#unmade.push(line);
  }

  /** Gives all lines their places. */
  make(): void {
    if (this.#unmade.length === 0) return;
    for (const line of this.#unmade) this.#put(line());
    this.#unmade = [];
  }

  #put(line: string): number {
    const chunk = this.#chunkFor(line.length * LONGEST_CHARACTER);
    const offset = this.#end;
    chunk.used = putLine(chunk.bytes, chunk.used, line);
    this.#end = chunk.offset + chunk.used;
    return offset;
  }

  /** The line that goes there, without its newline; undefined where none does, or it is written. */
  lineAt(offset: number): Buffer | undefined {
    const chunk = [...this.#taken, ...this.#chunks].findLast((each) => each.offset <= offset);
    if (!chunk || offset >= this.#end) return undefined;
    const start = offset - chunk.offset;
    return chunk.bytes.subarray(start, chunk.bytes.indexOf(NEWLINE, start));
  }

  /** What was added since the last call is to be written, until `written` is called; returns where it ends. */
  take(): number {
    this.make();
    this.#taken = this.#chunks;
    this.#chunks = [];
    return this.#end;
  }

  /** What was taken, from a place in the file on. */
  takenFrom(offset: number): readonly Buffer[] {
    const rest = ({ bytes, offset: start, used }: Chunk) => bytes.subarray(Math.max(offset - start, 0), used);
    return this.#taken.map(rest).filter(({ length }) => length > 0);
  }

  /** All that was taken is in the file. */
  written(): void {
    this.#spares = this.#taken.map(({ bytes }) => bytes).filter(({ length }) => length === CHUNK_BYTES);
    this.#taken = [];
  }

  /** Where the last whole line ends when of what was taken only that until `offset` is in the file. */
  wholeUntil(offset: number): number {
    const half = this.#taken.findLast((chunk) => chunk.offset < offset);
    if (!half) return offset;
    return half.offset + half.bytes.lastIndexOf(NEWLINE, offset - half.offset - 1) + 1;
  }

  #chunkFor(length: number): Chunk {
    const last = this.#chunks.at(-1);
    if (last && last.bytes.length - last.used >= length) return last;
    const chunk = { bytes: this.#newBytes(length), offset: this.#end, used: 0 };
    this.#chunks.push(chunk);
    return chunk;
  }

  #newBytes(length: number): Buffer {
    const spare = length <= CHUNK_BYTES ? this.#spares.pop() : undefined;
    return spare ?? Buffer.allocUnsafeSlow(Math.max(length, CHUNK_BYTES));
  }
}
