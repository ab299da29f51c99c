import type { Readable } from 'node:stream';
import { messageOf } from '../errors.js';
import { decode } from './decode.js';

/** What a server said before the body. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Reads the body to its end. The Response has it at once: to make a stream of it, and drain that, takes as long as all else. */
export async function toResponse({ status, statusText, headers }: Head, body: Readable): Promise<Response> {
  const bytes = await read(body, headers['content-encoding']).catch((error: unknown) => {
    // A status of failure counts even where the words to it are lost.
    if (status >= 400) return Buffer.alloc(0);
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
): Promise<Buffer> {
  return decode(await bytesOf(body), contentEncoding);
}

function bytesOf(body: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    body.once('error', reject);
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
