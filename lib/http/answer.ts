import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { codeOf, messageOf } from '../errors.js';
import { AnswerTooLarge } from './errors.js';

/** Status and headers of an answer. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Reads the body to its end. The Response has it at once: to make a stream of it, and drain that, takes as long as all else.
 *
 * @param most bytes of the body, also after it is decoded; a larger one rejects with an AnswerTooLarge
 */
export async function toResponse(
  { status, statusText, headers }: Head,
  body: Readable,
  most: number,
): Promise<Response> {
  const bytes = await read(body, headers['content-encoding'], most).catch((error: unknown) => {
    // A status of failure counts even where the words to it are lost.
    if (status >= 400) return Buffer.alloc(0);
    if (error instanceof AnswerTooLarge) throw error;
    throw new Error(`the answer broke off: ${messageOf(error)}`);
  });
  const text = async () => new TextDecoder().decode(bytes);
  return Object.assign(new Response(null, { status, statusText, headers: pairs(headers) }), {
    text,
    json: async () => JSON.parse(await text()),
    arrayBuffer: async () => Uint8Array.from(bytes).buffer,
  });
}

async function read(
  body: Readable,
  contentEncoding: string | readonly string[] | undefined,
  most: number,
): Promise<Buffer> {
  return decode(await bytesOf(body, most), contentEncoding, most);
}

function bytesOf(body: Readable, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    body.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > most) {
        reject(new AnswerTooLarge(most));
        body.destroy();
      } else chunks.push(chunk);
    });
    body.on('error', reject);
    // Every body closes; to make an error for each, with its stack, takes longer than to read one.
    body.once('close', () => body.readableEnded || reject(new Error('the connection was closed')));
    body.once('end', () => {
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
  });
}

function pairs(headers: Head['headers']): [string, string][] {
  const list: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) list.push([name, one]);
    else if (value !== undefined) list.push([name, value]);
  }
  return list;
}

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
async function decode(
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
