import type { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Without anything new for so long, an output counts as read, milliseconds. */
const QUIET_MS = 100;
/** One that brings something all the time is read for so many of these times. */
const MOST_TIMES = 20;

/** One of a child's output streams, which a process that lives longer than the child may hold open for good. */
export class Output {
  /** The output of the stream, until it ends or is cut. */
  readonly readable: Readable;
  readonly #source: Readable & Partial<Pick<Socket, 'bytesRead'>>;
  readonly #through = new PassThrough();

  constructor(source: Readable) {
    this.#source = source;
    this.readable = source.pipe(this.#through);
    source.on('error', (error) => this.#through.destroy(error));
  }

  /** Ends it as soon as all that was written so far is read. Its reader sees a usual end. */
  async cut(): Promise<void> {
    let seen = -1;
    for (let times = 0; times < MOST_TIMES && this.#brings(seen); times++) {
      seen = this.#source.bytesRead ?? 0;
      await delay(QUIET_MS);
    }
    this.#source.unpipe(this.#through);
    this.#through.end();
    this.#source.destroy();
  }

  /** True if more came since so many bytes, or waits for a slow reader. */
  #brings(seen: number): boolean {
    if (this.#source.readableEnded || this.#source.destroyed || this.#through.destroyed) return false;
    return this.#source.bytesRead !== seen || this.#source.readableLength > 0;
  }
}
