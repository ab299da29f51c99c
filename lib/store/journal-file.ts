import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from './errors.js';
import { endIn } from './flow-line.js';
import { type JournalMac, MacCheck } from './journal-mac.js';
import { headEnd, headOf, isOurVersion, isSound, kindOf, NEWLINE } from './line.js';
import type { LineIndex } from './line-index.js';
import type { Marks } from './marks.js';
import type { Signer } from './signer.js';

/** Indexes of the lines that are read again later. */
export interface Indexes {
  readonly steps?: LineIndex;
  readonly flows?: LineIndex;
  /** Of the flows that are done. */
  readonly done?: Marks;
}

/** The path of a run's journal. */
export function journalIn(folder: string): string {
  return join(folder, 'journal.ndjson');
}

/** A journal open for reading, and its expected signer. */
export interface Source {
  readonly handle: FileHandle;
  /** Its path, for messages. */
  readonly file: string;
  /** Null: signatures aren't looked at. */
  readonly signer: Signer | null;
  /** The user trusts all lines. */
  readonly vouched: boolean;
}

/** The content of a journal. */
export interface Read<Made> extends Scanned {
  readonly indexes: Made;
  /** True if a line names the version of the format. */
  readonly hasVersion: boolean;
  /** True if the signer has signed all lines. */
  readonly isSigned: boolean;
  /** Of the lines; null without a signer. */
  readonly mac: JournalMac | null;
}

/**
 * Adds the lines of a journal to indexes. The lines of a last write that was cut off before their MAC are left out as torn:
 * others may have added them. Rejects with a JournalError where a line is damaged, or the journal is of a later version.
 */
export async function readJournal<Made extends Indexes>(
  newIndexes: () => Made,
  source: Source,
): Promise<Read<Made>> {
  const { signer, vouched } = source;
  if (!signer) return readInto(newIndexes(), source, null);
  const check = new MacCheck(signer);
  const all = await readInto(newIndexes(), source, check);
  if (vouched || !check.isTorn(all.end)) return all;
  const signed = await readInto(newIndexes(), source, new MacCheck(signer), check.signedUntil);
  return { ...signed, torn: all.torn + all.end - signed.end };
}

async function readInto<Made extends Indexes>(
  indexes: Made,
  { handle, file }: Source,
  check: MacCheck | null,
  until?: number,
): Promise<Read<Made>> {
  let hasVersion = false;
  const visit: Visit = (bytes, start, offset) => {
    switch (kindOf(bytes, start)) {
      case 'step':
        indexes.steps?.add(headOf(bytes, start), offset);
        break;
      case 'flow':
        indexes.flows?.add(headOf(bytes, start), offset);
        if (indexes.done) note(endIn(bytes, headEnd(bytes, start)), indexes.done);
        break;
      case 'mac':
        check?.see(bytes, start, offset);
        break;
      case 'journal':
        if (!isOurVersion(bytes, start)) throw ofLaterVersion(file);
        hasVersion = true;
    }
  };
  const passed = (bytes: Buffer) => check?.passed(bytes);
  const scanned = await scan(handle, file, { visit, passed, until });
  const isSigned = check?.signedUntil === scanned.end;
  return { ...scanned, indexes, hasVersion, isSigned, mac: check?.mac ?? null };
}

/** Of several ends of a flow the last one counts. */
function note({ mark, status }: ReturnType<typeof endIn>, done: Marks): void {
  done.set(mark, status === 'done' || status === 'dropped');
}

function ofLaterVersion(file: string): JournalError {
  const hint = 'Go on with the version that began the run, or start a new run.';
  return new JournalError('a later version of this program wrote it', { file, hint });
}

/** Sees one whole, sound line, which begins at `start` of the bytes (valid during the call) and at `offset` of the file. */
export type Visit = (bytes: Buffer, start: number, offset: number) => void;

/** The result of scanning a journal. */
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

/** Visits all whole lines of a journal, in order. Rejects with a JournalError at one whose checksum is wrong. */
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

/** Made for one journal: it counts the lines. The visitor returns the number of bytes in whole lines. */
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
  return new JournalError('the checksum of the line is wrong', { file, line, offset, hint });
}
