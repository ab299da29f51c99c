import { JournalMac } from './journal-mac.js';
import { NEWLINE } from './line.js';
import type { Signer } from './signer.js';

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

  /** Whether all is signed but the lines of the last write, which was cut off before their MAC. */
  isTorn(end: number): boolean {
    return !this.#isWrong && this.signedUntil > 0 && this.signedUntil < end;
  }
}
