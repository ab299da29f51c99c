import { constants, createReadStream, openSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { NotText } from '../util/utf8.js';

/**
 * Bytes of a text that is put into a prompt as a whole, in each flow in flight. No model takes a longer prompt
 * (2026-11).
 */
export const MOST_TEXT_BYTES = 64 * 2 ** 20;

/** A file has more than it may have, or no end. */
export class Unbounded extends NotText {}

/**
 * Files of a process, not of the disk (stdin, a process substitution: `<(ls)`): another process finds something else
 * there.
 */
export function isOfProcess(file: string): boolean {
  return /^\/(dev|proc)\//.test(file);
}

/**
 * A file that the user names, as a whole. Throws an Unbounded where it has more than `most` bytes, however endless it
 * is, or is a named pipe, which blocks its readers.
 *
 * @param file absolute
 */
export async function readBounded(file: string, most: number): Promise<Buffer> {
  const stats = await stat(file);
  if (stats.isFIFO() && !isOfProcess(file)) {
    throw new Unbounded('is a named pipe', 'Write what comes out of it to a file');
  }
  if (stats.size > most) throw tooLarge(most);
  // A file of the disk has an end. One that is read as a stream makes each later process.nextTick take four times as long
  // (Node 20.20, measured 2026-11: 1 % of a run's time).
  return stats.isFile() && !isOfProcess(file)
    ? bounded(await readFile(file), most)
    : readStream(streamOf(file, stats), most);
}

/** It may have grown since its size was looked at. */
function bounded(bytes: Buffer, most: number): Buffer {
  if (bytes.length > most) throw tooLarge(most);
  return bytes;
}

/**
 * The content of a file. The event loop waits for a pipe: a thread that waits for its writer would keep the process
 * from ending.
 */
export function streamOf(file: string, stats: Stats): NodeJS.ReadableStream {
  if (!stats.isFIFO()) return createReadStream(file);
  return new Socket({ fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
}

/** All of a stream. Throws an Unbounded as soon as it brings more than `most` bytes. */
export async function readStream(stream: AsyncIterable<Buffer | string>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > most) throw tooLarge(most);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(most: number): Unbounded {
  return new Unbounded(`is larger than ${most / 2 ** 20} MiB`, 'Split it');
}
