import { createHash, type Hash } from 'node:crypto';
import { LINE_BEGIN, putLine } from './line.js';
import { MAC_CHARACTERS, type Signer } from './signer.js';

/**
 * The MAC of all lines of a journal until now, those with earlier MACs aside. It stands behind the lines of each write, so
 * that all that was written is signed when the process is killed; a line that is added, changed, moved or deleted shows in
 * every later MAC. One takes about 8 µs of the processor's time, and 0.7 µs more for each kB (Node 20, x64, 2026-11).
 */
export class JournalMac {
  readonly #signer: Signer;
  readonly #lines: Hash;

  constructor(signer: Signer, lines = createHash('sha256')) {
    this.#signer = signer;
    this.#lines = lines;
  }

  /** One that goes on from here by itself. */
  copy(): JournalMac {
    return new JournalMac(this.#signer, this.#lines.copy());
  }

  /** The next lines of the journal. */
  add(lines: Buffer): void {
    this.#lines.update(lines);
  }

  /** The line with the MAC. */
  get line(): string {
    return `${LINE_BEGIN}${BEGIN}${this.#signer.sign('journal', this.#digest)}${END}`;
  }

  /** The same as it stands in the file. */
  get lineBytes(): Buffer {
    const bytes = Buffer.alloc(MAC_LINE_BYTES);
    putLine(bytes, 0, this.line);
    return bytes;
  }

  /** Whether a line has this MAC. @param line with or without its newline */
  isIn(line: Buffer): boolean {
    const [, mac = ''] = FIELD.exec(line.toString('latin1', LINE_BEGIN.length)) ?? [];
    return this.#signer.isSigned('journal', this.#digest, mac);
  }

  get #digest(): Buffer {
    return this.#lines.copy().digest();
  }
}

const BEGIN = '"mac":"';
const END = '"}\n';
/** How long such a line is. */
export const MAC_LINE_BYTES = LINE_BEGIN.length + BEGIN.length + MAC_CHARACTERS + END.length;
const FIELD = /^"mac":"([\w-]+)"\}\n?$/;
