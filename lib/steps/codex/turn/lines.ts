import { StepFailure } from '../../../errors.js';

const NEWLINE = 10;
/** A longer line ends the attempt: it may be the one that tells what the turn came to. */
export const LONGEST_EVENT_BYTES = 16 * 2 ** 20;

/** Puts chunks together to lines and shows each of them once. Throws a StepFailure where one is too long. */
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
    if (this.#bytes > 0) this.#see(Buffer.concat(this.#parts).toString());
    this.#parts = [];
    this.#bytes = 0;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > LONGEST_EVENT_BYTES) throw tooLong();
    if (part.length > 0) this.#parts.push(part);
  }
}

function tooLong(): StepFailure {
  const most = `${LONGEST_EVENT_BYTES / 2 ** 20} MiB`;
  return new StepFailure('bad_output', `codex wrote an event of more than ${most}`, {
    hint: 'Ask for a shorter final message, and have long outputs of commands and tools written to files.',
  });
}
