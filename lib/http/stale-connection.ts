import type { Socket } from 'node:net';
import { codeOf } from '../errors.js';

/**
 * The server closed a kept connection while the request was on its way to it, so that it never began to work on it.
 * The request can be sent again.
 */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/**
 * A closing that crosses a request shows within a round trip. One that shows later may follow from work on the request,
 * milliseconds: the slowest round trip of a network, and a busy machine's delay.
 */
const ROUND_TRIP_MS = 500;
/** `UND_ERR_SOCKET` is undici's word for a connection that was ended by the server. */
const CLOSED: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/**
 * A request that was sent over a connection used before. Node (20) and undici (7.30) fail it when the connection is
 * closed and never send a POST again; the openai client (6.49) would send it again whatever the server had done with it.
 */
export class Sent {
  readonly #socket: Pick<Socket, 'bytesRead'>;
  readonly #bytesRead: number;
  readonly #at = performance.now();

  constructor(socket: Pick<Socket, 'bytesRead'>) {
    this.#socket = socket;
    this.#bytesRead = socket.bytesRead;
  }

  /** A StaleConnection where the connection was closed before the server can have worked on the request, else the error itself. */
  explained(error: Error): Error {
    const isAnswered = this.#socket.bytesRead > this.#bytesRead;
    const isSoon = performance.now() - this.#at < ROUND_TRIP_MS;
    const isStale = !isAnswered && isSoon && CLOSED.includes(codeOf(error));
    return isStale ? new StaleConnection('the server closed the connection', { cause: error }) : error;
  }
}
