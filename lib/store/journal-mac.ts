import { LINE_BEGIN, NEWLINE, putLine } from './line.js';
import { isSameMac, MAC_CHARACTERS, macText, type RunningHmac, type Signer } from './signer.js';

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

  /** True if the line has this MAC. @param line with or without its newline */
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

/** Checks the MACs of a journal while its lines are read in order. */
export class MacCheck {
  /** Of the lines that were read. */
  readonly mac: JournalMac;
  /** Where the last line with a right MAC ends: all before it is signed. 0 where there is none. */
  signedUntil = 0;
  /** A line with a wrong MAC follows. */
  #isWrong = false;
  /** Where in the bytes the lines begin that the MAC doesn't have yet. */
  #next = 0;

  constructor(signer: Signer) {
    this.mac = new JournalMac(signer.journalHmac());
  }

  /** A line with a MAC begins at `start` of the bytes, and at `offset` of the file. */
  see(bytes: Buffer, start: number, offset: number): void {
    this.mac.add(bytes.subarray(this.#next, start));
    this.#next = bytes.indexOf(NEWLINE, start) + 1;
    const isRight = this.mac.isIn(bytes.subarray(start, this.#next));
    if (isRight) this.signedUntil = offset + this.#next - start;
    this.#isWrong = !isRight;
  }

  /** All lines of the bytes were seen. */
  passed(bytes: Buffer): void {
    this.mac.add(bytes.subarray(this.#next));
    this.#next = 0;
  }

  /** True if all lines are signed except those of the last write, which was cut off before their MAC. */
  isTorn(end: number): boolean {
    return !this.#isWrong && this.signedUntil > 0 && this.signedUntil < end;
  }
}
