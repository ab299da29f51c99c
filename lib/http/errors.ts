import { codeOf } from '../errors.js';

/**
 * The server closed a kept connection while the request was on its way to it, so that it never began to work on it.
 * The request can be sent again.
 */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

/** A proxy made no connection: nothing was sent to the server. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
  readonly code = 'ERR_PROXY';
  /** HTTP status of the proxy's answer; undefined where the proxy couldn't be reached. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** The body of an answer has more bytes than its reader takes; the rest wasn't read. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';

  constructor(most: number) {
    super(`the answer is larger than ${most / 2 ** 20} MiB`);
  }
}

/** A closed connection shows within a round trip; a failure after this many milliseconds may have cost the server work. */
const ROUND_TRIP_MS = 2000;
/** `UND_ERR_SOCKET` is undici's word for a connection that was ended by the server. */
const CLOSED: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/**
 * The error of a request that was sent over a connection used before, and got no answer: a StaleConnection where
 * the connection was closed.
 *
 * @param sentAt by `performance.now()`
 */
export function onUsedConnection(error: Error, sentAt: number): Error {
  const isStale = CLOSED.includes(codeOf(error)) && performance.now() - sentAt < ROUND_TRIP_MS;
  return isStale ? new StaleConnection('the server closed the connection', { cause: error }) : error;
}
