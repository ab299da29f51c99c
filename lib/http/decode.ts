import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { codeOf } from '../errors.js';
import { AnswerTooLarge } from './errors.js';

interface Bound {
  readonly maxOutputLength: number;
}
type Decoder = (bytes: Uint8Array, bound: Bound) => Promise<Buffer>;

const decoders = new Map<string, Decoder>([
  ['gzip', promisify<Uint8Array, Bound, Buffer>(gunzip)],
  ['x-gzip', promisify<Uint8Array, Bound, Buffer>(gunzip)],
  ['deflate', promisify<Uint8Array, Bound, Buffer>(inflate)],
  ['br', promisify<Uint8Array, Bound, Buffer>(brotliDecompress)],
]);

/**
 * Undoes a Content-Encoding, the last coding first. With an unknown coding the body stays as it came, as `fetch` does.
 * Nothing needs no decoding, whatever the header says. Rejects where the body is truncated, or isn't in that coding, and
 * with an AnswerTooLarge as soon as more than `most` bytes come out.
 */
export async function decode(
  body: Buffer,
  contentEncoding: string | readonly string[] | undefined,
  most: number,
): Promise<Buffer> {
  if (contentEncoding === undefined || body.length === 0) return body;
  const chain = codings(contentEncoding).map((coding) => decoders.get(coding));
  let bytes = body;
  for (const decoder of chain.reverse()) {
    if (!decoder) return body;
    bytes = await decoder(bytes, { maxOutputLength: most }).catch((error: unknown) => {
      throw codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? new AnswerTooLarge(most) : error;
    });
  }
  return bytes;
}

function codings(header: string | readonly string[]): string[] {
  const names = String(header).toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}
