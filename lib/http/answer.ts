import type { Readable } from 'node:stream';
import { messageOf } from '../errors.js';
import { decode } from './decode.js';
import { AnswerTooLarge } from './errors.js';

/** What a server said before the body. */
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
