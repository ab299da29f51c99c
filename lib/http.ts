import { type Dispatcher, EnvHttpProxyAgent, interceptors } from 'undici';
import { decode } from './http/decode.js';

export { connectionLimit } from './http/limit.js';

/** HTTP for many calls at once: `undici.request` behind the face of `fetch`, at a fraction of its CPU. */
export interface Http {
  /** Takes a URL, and a body of text or bytes. Compressed answers are decoded, redirects followed. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** At most so many connections to one server; further calls wait for one. */
  readonly connections: number;
  /** Where the proxy variables (`http_proxy`, `https_proxy`, `no_proxy`, or in capitals) are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const LOOPBACK = 'localhost,127.0.0.1,[::1]';
const NULL_BODY = new Set([101, 103, 204, 205, 304]);
const REDIRECT = new Set([301, 302, 303, 307, 308]);

/** Makes one agent with its own connections. Throws where a proxy variable holds no URL. */
export function createHttp({ connections, env }: HttpOptions): Http {
  const agent = new EnvHttpProxyAgent({
    connections,
    // A model may think for longer than undici's 300 s: how long a call may take is the step's `timeout`.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...proxies(env),
  });
  const redirecting = agent.compose(interceptors.redirect({ maxRedirections: 5 }));
  return {
    async fetch(input, init = {}) {
      const signal = init.signal ?? undefined;
      const options = requestOptions(input, init);
      const answer = await send(agent, options, signal);
      if (!REDIRECT.has(answer.statusCode) || !answer.headers.location) return toResponse(answer);
      // Asked again with the interceptor: it would cost every call, and redirects are rare.
      await answer.body.dump();
      return toResponse(await send(redirecting, options, signal));
    },
    close: () => agent.destroy(),
  };
}

/** Loopback servers are reached directly. Empty strings keep undici from looking into the process's own variables. */
function proxies(env: HttpOptions['env']) {
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  return {
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? '',
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? '',
    noProxy: noProxy.trim() === '*' ? '*' : `${LOOPBACK},${noProxy}`,
  };
}

function requestOptions(input: string | URL | Request, init: RequestInit): Dispatcher.RequestOptions {
  if (input instanceof Request) throw new TypeError('expected a URL, got a Request');
  const { body = null } = init;
  if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new TypeError('expected a body of text or bytes');
  }
  const { origin, pathname, search } = new URL(input);
  const headers = new Headers(init.headers);
  return { origin, path: pathname + search, method: init.method ?? 'GET', headers, body };
}

/**
 * undici tells an abort to a request only once it has a connection; one that still waits for its turn is
 * abandoned here, and undici drops it when its turn comes.
 */
function send(
  dispatcher: Dispatcher,
  options: Dispatcher.RequestOptions,
  signal: AbortSignal | undefined,
): Promise<Dispatcher.ResponseData> {
  if (!signal) return dispatcher.request(options);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    dispatcher
      .request({ ...options, signal })
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

function toResponse({ statusCode, statusText, headers, body }: Dispatcher.ResponseData): Response {
  const init = { status: statusCode, statusText, headers: pairs(headers) };
  if (!NULL_BODY.has(statusCode)) return new Response(decode(body, headers['content-encoding']), init);
  body.resume();
  return new Response(null, init);
}

function pairs(headers: Dispatcher.ResponseData['headers']): [string, string][] {
  const list: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) list.push([name, one]);
    else if (value !== undefined) list.push([name, value]);
  }
  return list;
}
