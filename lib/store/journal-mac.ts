import { LINE_BEGIN, putLine } from './line.js';
import type { RunningHmac } from './running-hmac.js';
import { isSameMac, MAC_CHARACTERS, macText } from './signer.js';

/**
 * The MAC of all lines of a journal until now, those with earlier MACs aside. It stands behind the lines of each write, so
 * that all that was written is signed when the process is killed; a line that is added, changed, moved or deleted shows in
 * every later MAC.
 */
export class JournalMac {
  readonly #hmac: RunningHmac;

  constructor(hmac: RunningHmac) {
    this.#hmac = hmac;
  }

  /** One that goes on from here by itself. */
  copy(): JournalMac {
    return new JournalMac(this.#hmac.copy());
  }

  /** The next lines of the journal. */
  add(lines: Buffer): void {
    this.#hmac.update(lines);
  }

  /** The line with the MAC. */
  get line(): string {
    return `${LINE_BEGIN}${BEGIN}${macText(this.#hmac.value)}${END}`;
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
    return isSameMac(macText(this.#hmac.value), mac);
  }
}

const BEGIN = '"mac":"';
const END = '"}\n';
/** How long such a line is. */
export const MAC_LINE_BYTES = LINE_BEGIN.length + BEGIN.length + MAC_CHARACTERS + END.length;
const FIELD = /^"mac":"([\w-]+)"\}\n?$/;
