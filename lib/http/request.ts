/** A call, taken apart. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal | undefined;
  /** Most bytes of the answer's body. */
  readonly maxAnswerBytes: number;
  /** Sent over a connection that is opened for it, and closed after it. Default: a kept one serves. */
  readonly onNewConnection?: true;
}

/** One way to a server, with its own connections. */
export interface Transport {
  /** Rejects with a StaleConnection where the request is to be sent again, on a new connection. */
  send(request: HttpRequest): Promise<Response>;
  close(): Promise<void>;
}

/** The request in the arguments of `fetch`. */
export function toRequest(
  input: string | URL | Request,
  init: RequestInit = {},
): Omit<HttpRequest, 'maxAnswerBytes'> {
  if (input instanceof Request) throw new TypeError('expected a URL, got a Request');
  const { body = null, headers, method = 'GET', signal } = init;
  if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new TypeError('expected a body of text or bytes');
  }
  return { url: new URL(input), method, headers: new Headers(headers), body, signal: signal ?? undefined };
}
