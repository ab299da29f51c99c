import { crc32 } from 'node:zlib';

/*
 * The journal is NDJSON. A line begins with the CRC-32 of all that follows it (in hex; from byte 16 to the newline);
 * then comes its head, up to the first `]`, which says whose line it is. So lines are checked and looked up by their
 * bytes, unparsed: that is how a journal of millions of lines opens in seconds.
 *
 *   {"sum":"89abcdef","journal":1}                                              the first line: the format's version
 *   {"sum":"89abcdef","key":"…","n":0,"flow":"…","branch":[2],"used":[120,0.0005],"output":"…",…}
 *                                                                               a step that is done (step-line.ts)
 *   {"sum":"89abcdef","flow":"…","branch":[2],"status":"done","index":17,…}     the end of a flow (flow-line.ts)
 *   {"sum":"89abcdef","call":[1795372800000,7],"tokens":120,"costUsd":0.0005}   what another call used up (step-line.ts)
 *
 *   {"sum":"89abcdef","mac":"…"}                                                signs all lines before it (journal-mac.ts)
 *
 * Of several lines with the same head the last one counts.
 */

/** The kind of a line. */
export type Kind = 'step' | 'flow' | 'call' | 'journal' | 'mac';

/** The beginning of a line; the checksum is filled in later. */
export const LINE_BEGIN = '{"sum":"00000000",';
export const NEWLINE = 10;

const VERSION = '"journal":1}';

/** The first line of a journal. */
export const FIRST_LINE = `${LINE_BEGIN}${VERSION}\n`;

const BEGIN = Buffer.from('{"sum":"');
const SUM_AT = 8;
const SUM_END = 16;
const HEAD_AT = LINE_BEGIN.length;
/** The second character of the head tells the kind. */
const KIND_AT = HEAD_AT + 1;
const HEAD_END = ']'.charCodeAt(0);
const DIGITS = Buffer.from('0123456789abcdef');

/** Puts a line (from LINE_BEGIN to its newline) among the bytes, with its sum; returns where it ends. */
export function putLine(bytes: Buffer, at: number, text: string): number {
  const end = at + bytes.write(text, at);
  let sum = crc32(bytes.subarray(at + SUM_END, end - 1));
  for (let place = at + SUM_END - 1; place >= at + SUM_AT; place--) {
    bytes[place] = DIGITS[sum & 15] ?? 0;
    sum >>>= 4;
  }
  return end;
}

/** True if the line's checksum is right (`end` is where its newline stands). */
export function isSound(bytes: Buffer, start: number, end: number): boolean {
  if (end - start < HEAD_AT) return false;
  for (let place = 0; place < SUM_AT; place++) if (bytes[start + place] !== BEGIN[place]) return false;
  return sumIn(bytes, start) === crc32(bytes.subarray(start + SUM_END, end));
}

/** The sum of a sound line. @param line without its newline */
export function sumOf(line: Buffer): number {
  return sumIn(line, 0);
}

/** NaN without a checksum. */
function sumIn(bytes: Buffer, start: number): number {
  let sum = 0;
  for (let place = start + SUM_AT; place < start + SUM_END; place++) {
    sum = sum * 16 + digit(bytes[place] ?? 0);
  }
  return sum;
}

/** Only small letters: another case is a flipped bit. */
function digit(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  if (character >= 0x61 && character <= 0x66) return character - 0x61 + 10;
  return Number.NaN;
}

/** The kind of a line; undefined for one of a later version. */
export function kindOf(bytes: Buffer, start: number): Kind | undefined {
  switch (bytes[start + KIND_AT]) {
    case 0x6b:
      return 'step';
    case 0x66:
      return 'flow';
    case 0x63:
      return 'call';
    case 0x6a:
      return 'journal';
    case 0x6d:
      return 'mac';
    default:
      return undefined;
  }
}

/** The head of a step's or flow's line. */
export function headOf(bytes: Buffer, start: number): string {
  return bytes.toString('latin1', start + HEAD_AT, headEnd(bytes, start));
}

/** Where the head ends of a line that begins at `start`. */
export function headEnd(bytes: Buffer, start: number): number {
  return bytes.indexOf(HEAD_END, start) + 1;
}

/** True if the first line of a journal (without its checksum) names this version. */
export function isOurVersion(bytes: Buffer, start: number): boolean {
  return bytes.toString('latin1', start + HEAD_AT, start + HEAD_AT + VERSION.length) === VERSION;
}

/**
 * A line as text, without its checksum, which is needed no longer: V8 remembers every short text that it parses. @param
 * bytes without the newline
 */
export function textOf(bytes: Buffer): string {
  return `{${bytes.toString('utf8', HEAD_AT)}`;
}

/** True if the line's text has this head. */
export function hasHead(text: string, head: string): boolean {
  return text.startsWith(head, 1);
}
