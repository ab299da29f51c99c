import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

const decoders = new Map<string, (bytes: Uint8Array) => Promise<Buffer>>([
  ['gzip', promisify<Uint8Array, Buffer>(gunzip)],
  ['x-gzip', promisify<Uint8Array, Buffer>(gunzip)],
  ['deflate', promisify<Uint8Array, Buffer>(inflate)],
  ['br', promisify<Uint8Array, Buffer>(brotliDecompress)],
]);

/**
 * Undoes a Content-Encoding, the last coding first. With an unknown coding the body stays as it came, as `fetch` does.
 * Nothing needs no decoding, whatever the header says. Rejects where the body is truncated, or isn't in that coding.
 */
export async function decode(
  body: Buffer,
  contentEncoding: string | readonly string[] | undefined,
): Promise<Buffer> {
  if (contentEncoding === undefined || body.length === 0) return body;
  const chain = codings(contentEncoding).map((coding) => decoders.get(coding));
  let bytes = body;
  for (const decoder of chain.reverse()) {
    if (!decoder) return body;
    bytes = await decoder(bytes);
  }
  return bytes;
}

function codings(header: string | readonly string[]): string[] {
  const names = String(header).toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}
