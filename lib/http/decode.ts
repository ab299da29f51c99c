import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const decoders = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * Undoes a Content-Encoding, the last coding first. With a coding that isn't known the body stays as it came,
 * as `fetch` does. A truncated body is an error of the stream.
 */
export function decode(body: Readable, contentEncoding: string | readonly string[] | undefined): Readable {
  if (contentEncoding === undefined) return body;
  const chain: Transform[] = [];
  for (const coding of codings(contentEncoding)) {
    const create = decoders.get(coding);
    if (!create) return body;
    chain.unshift(create());
  }
  // Where one stream fails or is left, pipeline destroys the others: the last one's reader hears of it.
  return chain.reduce((stream: Readable, decoder) => pipeline(stream, decoder, () => {}), body);
}

function codings(header: string | readonly string[]): string[] {
  const names = String(header).toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}
