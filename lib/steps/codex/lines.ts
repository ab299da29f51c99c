const NEWLINE = 10;
/** A longer line isn't kept in memory, and not shown. */
const LONGEST_BYTES = 16 * 2 ** 20;

/** Puts chunks together to lines and shows each of them once. */
export class Lines {
  readonly #see: (line: string) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(see: (line: string) => void) {
    this.#see = see;
  }

  add(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.end();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** What came since the last newline is a line too. */
  end(): void {
    if (this.#bytes > 0 && this.#bytes <= LONGEST_BYTES) this.#see(Buffer.concat(this.#parts).toString());
    this.#parts = [];
    this.#bytes = 0;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > LONGEST_BYTES) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }
}
