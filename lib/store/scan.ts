import type { FileHandle } from 'node:fs/promises';
import { JournalError } from './errors.js';
import { isSound, NEWLINE } from './line.js';

/** Sees one whole, sound line, which begins at `start` of the bytes (valid during the call) and at `offset` of the file. */
export type Visit = (bytes: Buffer, start: number, offset: number) => void;

/** What a journal amounts to. */
export interface Scanned {
  /** Where its last whole line ends. */
  readonly end: number;
  /** How many bytes follow it: of a line that was being written when the process or the machine went down. */
  readonly torn: number;
}

export interface ScanOptions {
  readonly visit: Visit;
  /** Sees the bytes of lines that were visited, all of them and in order. */
  readonly passed?: (bytes: Buffer) => void;
  /** Byte where the journal is taken to end. Default: where the file does. */
  readonly until?: number | undefined;
}

const CHUNK_BYTES = 2 ** 22;

/** Visits all whole lines of a journal, in order. Rejects with a JournalError at one that isn't as it was written. */
export async function scan(
  handle: FileHandle,
  file: string,
  { visit, passed, until = Number.POSITIVE_INFINITY }: ScanOptions,
): Promise<Scanned> {
  const visitLines = lineVisitor(file, visit);
  let bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let end = 0;
  let filled = 0;
  for (;;) {
    const length = Math.min(bytes.length - filled, until - end - filled);
    const { bytesRead } = await handle.read(bytes, filled, length, end + filled);
    if (bytesRead === 0) return { end, torn: filled };
    filled += bytesRead;
    const seen = visitLines(bytes.subarray(0, filled), end);
    passed?.(bytes.subarray(0, seen));
    bytes.copyWithin(0, seen, filled);
    filled -= seen;
    end += seen;
    if (filled === bytes.length) bytes = Buffer.concat([bytes], 2 * filled);
  }
}

/** Made for one journal: it counts the lines. What it returns is how many bytes were whole lines. */
function lineVisitor(file: string, visit: Visit): (bytes: Buffer, offset: number) => number {
  let line = 0;
  return (bytes, offset) => {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      line++;
      if (!isSound(bytes, start, end)) throw damaged(file, line, offset + start);
      visit(bytes, start, offset + start);
      start = end + 1;
    }
    return start;
  };
}

function damaged(file: string, line: number, offset: number): JournalError {
  const hint = `Delete that line (sed -i ${line}d ${file}) and add --trust-run: what it held is done again, and nothing else.`;
  return new JournalError("the line isn't what was written", { file, line, offset, hint });
}
