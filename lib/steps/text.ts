import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { StepFailure } from '../errors.js';
import { streamPrivate } from '../files/private-files.js';
import { oneLine } from '../util/text.js';
import { decodeUtf8, NotText } from '../util/utf8.js';
import type { FieldMistake } from './contract.js';

const TAIL_BYTES = 8192;
const EXCERPT_CHARACTERS = 500;

/** Keeps the end of a text: as much as a message may need, however long the whole is. */
export class Tail {
  #end: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#end = Buffer.concat([this.#end, chunk]).subarray(-TAIL_BYTES);
  }

  toString(): string {
    return this.#end.toString();
  }
}

/** Reads a stream to its end and keeps only its tail. */
export async function tail(stream: Readable): Promise<string> {
  const end = new Tail();
  for await (const chunk of stream) end.add(chunk);
  return end.toString();
}

/** Reads all of a stream; rejects as soon as it brings more than `most` bytes. */
export async function whole(stream: Readable, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > most) throw tooMuch(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooMuch(most: number): StepFailure {
  return new StepFailure('bad_output', `the output is larger than ${most / 2 ** 20} MiB`, {
    hint: 'Have the program write to a file and print its path.',
  });
}

/**
 * Writes a stream to a file of its own, in a folder of the generated one, as it comes, no faster than the disk takes it; each
 * chunk is shown on its way.
 */
export async function copy(
  stream: AsyncIterable<Buffer>,
  file: string,
  see: (chunk: Buffer) => void,
): Promise<void> {
  async function* seen(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      see(chunk);
      yield chunk;
    }
  }
  await streamPrivate(seen(stream), file, dirname(dirname(file)));
}

/** The end of a long text, where programs mostly put the error: one line for a message. */
export function lastPart(text: string): string {
  const line = oneLine(text);
  if (line.length <= EXCERPT_CHARACTERS) return line;
  return `…${line.slice(-EXCERPT_CHARACTERS).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

/** The start of a long text: one line for a message. */
export function firstPart(text: string): string {
  const line = oneLine(text);
  if (line.length <= EXCERPT_CHARACTERS) return line;
  return `${line.slice(0, EXCERPT_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A process's output as text, without a byte order mark. Throws a `bad_output` failure where it isn't UTF-8. */
export function decode(bytes: Buffer): string {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    if (!(error instanceof NotText)) throw error;
    throw new StepFailure('bad_output', `the output ${error.message}`, {
      hint: 'Have the program write UTF-8, or encode binary data (base64).',
      cause: error,
    });
  }
}

/** Where a step's prompt stands. */
interface Prompted {
  readonly prompt?: string | undefined;
  readonly promptFile?: string | undefined;
}

/** One of the two has to be there, and say something. */
export function promptMistakes({ prompt, promptFile }: Prompted): FieldMistake[] {
  if (prompt === undefined && promptFile === undefined)
    return [{ field: 'prompt', message: 'missing; give `prompt` or `promptFile`' }];
  if (prompt !== undefined && promptFile !== undefined)
    return [{ field: 'promptFile', message: "can't be combined with `prompt`; give one of them" }];
  return prompt?.trim() === '' ? [{ field: 'prompt', message: 'is empty; say what is asked for' }] : [];
}

const LONGEST_QUOTE = 200;

/** The start of a foreign text, on one line, and without anything that looks like a key of OpenAI's. */
export function quote(text: string): string {
  const line = oneLine(text).replace(/\bsk-[\w*.-]{6,}/g, 'sk-***');
  return line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
}
