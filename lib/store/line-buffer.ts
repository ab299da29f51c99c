import { type JournalMac, MAC_LINE_BYTES } from './journal-mac.js';
import { NEWLINE, putLine } from './line.js';

/** Lines that are written together. */
interface Chunk {
  readonly bytes: Buffer;
  /** Where they go in the file. */
  readonly offset: number;
  /** How many of the bytes are lines. */
  used: number;
}

/** The end of a file. */
export interface Ending {
  readonly at: number;
  readonly bytes: Buffer;
}

const NONE = Buffer.alloc(0);
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
  readonly #mac: JournalMac | null;
  /** Of the lines before those that are being written. */
  #macBefore: JournalMac | null = null;

  /** @param end where the first line goes @param mac of the lines before that; null: nothing is signed */
  constructor(end: number, mac: JournalMac | null = null) {
    this.#end = end;
    this.#mac = mac;
  }

  /** Where the next line goes, those aside that aren't made yet. */
  get end(): number {
    return this.#end;
  }

  /** True if nothing was added since the last `take`. */
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

  /** Takes the lines added since the last call, to be written until `written` is called; returns where they end. */
  take(): number {
    this.make();
    this.#sign();
    this.#taken = this.#chunks;
    this.#chunks = [];
    return this.#end;
  }

  #sign(): void {
    if (!this.#mac) return;
    this.#macBefore = this.#mac.copy();
    for (const { bytes, used } of this.#chunks) this.#mac.add(bytes.subarray(0, used));
    this.#put(this.#mac.line);
  }

  /** The taken bytes, from an offset in the file on. */
  takenFrom(offset: number): readonly Buffer[] {
    const rest = ({ bytes, offset: start, used }: Chunk) => bytes.subarray(Math.max(offset - start, 0), used);
    return this.#taken.map(rest).filter(({ length }) => length > 0);
  }

  /** All that was taken is in the file. */
  written(): void {
    this.#spares = this.#taken.map(({ bytes }) => bytes).filter(({ length }) => length === CHUNK_BYTES);
    this.#taken = [];
  }

  /**
   * The repaired end of the file when only the bytes until `offset` were written: the offset after the last whole line,
   * and the MAC to write there. It takes the place of the rest, or of a whole line, since the disk may be full.
   */
  endingAt(offset: number): Ending {
    const [first] = this.#taken;
    if (!first) return { at: offset, bytes: NONE };
    const mac = this.#macBefore;
    const at = Math.max(first.offset, this.#wholeUntil(mac ? offset - MAC_LINE_BYTES : offset));
    if (!mac || at === first.offset) return { at, bytes: NONE };
    for (const { bytes, offset: start, used } of this.#taken) {
      mac.add(bytes.subarray(0, Math.min(Math.max(at - start, 0), used)));
    }
    return { at, bytes: mac.lineBytes };
  }

  /** Where the last line ends that is whole there. */
  #wholeUntil(offset: number): number {
    const half = this.#taken.findLast((chunk) => chunk.offset < offset);
    if (!half) return 0;
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
