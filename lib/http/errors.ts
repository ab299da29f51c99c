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
