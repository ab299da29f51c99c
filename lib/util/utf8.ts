import { constants, isUtf8 } from 'node:buffer';
import { codeOf } from '../errors.js';

/** Bytes that were to be text can't be one; the message says why, to be put after the file's name. */
export class NotText extends Error {
  override readonly name = 'NotText';
  /** The remedy: the beginning of a sentence. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Strict UTF-8, with or without a byte order mark (which doesn't belong to the text). */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new NotText(problemOf(bytes), 'Convert it to UTF-8');
  const text = textOf(bytes);
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** V8 has a longest string. */
function textOf(bytes: Buffer): string {
  try {
    return bytes.toString('utf8');
  } catch (error) {
    if (codeOf(error) !== 'ERR_STRING_TOO_LONG') throw error;
    throw tooLong(bytes.length);
  }
}

/** Why so many bytes can't be one text. */
export function tooLong(bytes: number): NotText {
  const most = megabytes(constants.MAX_STRING_LENGTH);
  return new NotText(`has ${megabytes(bytes)}, more than a text can have (${most})`, 'Split it');
}

/** `150 MB` */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function problemOf(bytes: Buffer): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) return 'is UTF-16, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8';
  const position = firstInvalid(bytes);
  const byte = bytes[position]?.toString(16).padStart(2, '0');
  return `is not UTF-8: invalid byte 0x${byte} at position ${position}`;
}

/** A lenient decoder puts U+FFFD for invalid bytes: the first of these that the original doesn't have. */
function firstInvalid(bytes: Buffer): number {
  const lenient = Buffer.from(bytes.toString('utf8'), 'utf8');
  const differs = lenient.findIndex((byte, index) => byte !== bytes[index]);
  return Math.max(lenient.lastIndexOf('\ufffd', differs), 0);
}
