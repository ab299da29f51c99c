import { isUtf8 } from 'node:buffer';

/** Bytes that were to be text aren't UTF-8; the message says where, to be put after the file's name. */
export class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
}

/** Strict UTF-8, with or without a byte order mark (which is no part of the text). */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new NotUtf8(problemOf(bytes));
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function problemOf(bytes: Buffer): string {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isUtf16) return 'is UTF-16, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8';
  const position = firstInvalid(bytes);
  const byte = bytes[position]?.toString(16).padStart(2, '0');
  return `is not UTF-8: invalid byte 0x${byte} at position ${position}`;
}

/** A lenient decoder puts U+FFFD for what is invalid: the first of these that the original doesn't have. */
function firstInvalid(bytes: Buffer): number {
  const lenient = Buffer.from(bytes.toString('utf8'), 'utf8');
  const differs = lenient.findIndex((byte, index) => byte !== bytes[index]);
  return Math.max(lenient.lastIndexOf('\ufffd', differs), 0);
}
