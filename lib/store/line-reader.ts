import { readSync } from 'node:fs';
import { NEWLINE } from './line.js';

const BLOCK_BYTES = 2 ** 16;
const BLOCKS = 64;
const NONE = -1;

interface Block {
  readonly bytes: Buffer;
  /** Which one of the file. */
  number: number;
  length: number;
}

/**
 * Reads single lines of a file that grows, at once. It reads whole blocks and keeps some, since lines that were written
 * at about the same time are asked for at about the same time.
 */
export class LineReader {
  readonly #fd: number;
  readonly #blocks: Block[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The line that begins there, without its newline, valid until the next call; undefined where the file ends before. */
  lineAt(offset: number): Buffer | undefined {
    const parts: Buffer[] = [];
    for (let at = offset; ; ) {
      const start = at % BLOCK_BYTES;
      const block = this.#blockWithLineAt(Math.floor(at / BLOCK_BYTES), start);
      const end = newlineIn(block, start);
      if (end >= 0) return joined(parts, block.bytes.subarray(start, end));
      if (block.length < BLOCK_BYTES) return undefined;
      parts.push(Buffer.from(block.bytes.subarray(start)));
      at += BLOCK_BYTES - start;
    }
  }

  /** The file may have grown since a block was read that wasn't full. */
  #blockWithLineAt(number: number, start: number): Block {
    const block = this.#blocks[number % BLOCKS] ?? newBlock();
    this.#blocks[number % BLOCKS] = block;
    const isFull = block.length === BLOCK_BYTES;
    if (block.number !== number || (!isFull && newlineIn(block, start) < 0)) this.#fill(block, number);
    return block;
  }

  #fill(block: Block, number: number): void {
    block.length = readSync(this.#fd, block.bytes, 0, BLOCK_BYTES, number * BLOCK_BYTES);
    block.number = number;
  }
}

/** Bytes of another block may follow the ones just read. */
function newlineIn({ bytes, length }: Block, start: number): number {
  const end = bytes.indexOf(NEWLINE, start);
  return end < length ? end : -1;
}

function newBlock(): Block {
  return { bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), number: NONE, length: 0 };
}

function joined(parts: Buffer[], last: Buffer): Buffer {
  return parts.length === 0 ? last : Buffer.concat([...parts, last]);
}
