import { mostAtOnce } from '../files/open-files.js';
import { directly } from './directly.js';
import { proxiesIn } from './proxies.js';
import { type Following, Redirects } from './redirects.js';
import { type HttpRequest, type Transport, toRequest } from './request.js';
import { StaleConnection } from './stale-connection.js';

/** HTTP for many calls at once: node's own client behind the face of `fetch`, at a fraction of its CPU. */
export interface Http {
  /**
   * Takes a URL, and a body of text or bytes. Settles with the whole answer, decoded. Redirects that repeat the request
   * (307, 308) are followed, on the same server or as `redirects` says; other ones are answers. A request that met a
   * connection which the server had just closed is sent again.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** At most so many connections to one server; further calls wait for one. */
  readonly connections: number;
  /** To another server go no headers but those that describe the request, and nothing unencrypted. Default: `same-server`. */
  readonly redirects?: Following;
  /** A larger answer fails its call, bytes after decoding. Default: 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** A proxy that doesn't answer within so many milliseconds fails the call. Default: 30,000. */
  readonly tunnelMs?: number;
  /** Where the proxy variables (`http_proxy`, `https_proxy`, `no_proxy`, or in capitals) are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Makes one client with its own connections. Throws where a proxy variable holds no address of a proxy. */
export function createHttp(options: HttpOptions): Http {
  const { connections, env, maxAnswerBytes = 64 * 2 ** 20, tunnelMs } = options;
  const proxies = proxiesIn(env);
  const redirects = new Redirects(options.redirects ?? 'same-server');
  // undici is slow to load, and only proxies need it.
  const loading = proxies
    ? import('./through-proxies.js').then((module) => module.throughProxies(connections, proxies, tunnelMs))
    : Promise.resolve(directly(connections));
  return {
    async fetch(input, init) {
      const request = toRequest(input, init);
      const transport = await loading;
      return redirects.follow(request, (target) =>
        send(transport, { ...request, ...target, maxAnswerBytes }),
      );
    },
    close: async () => (await loading).close(),
  };
}

function send(transport: Transport, request: HttpRequest): Promise<Response> {
  return transport.send(request).catch((error: unknown) => {
    if (!(error instanceof StaleConnection)) throw error;
    return transport.send({ ...request, onNewConnection: true });
  });
}

/** How many connections may be opened where `wanted` would be useful: each is an open file. */
export function connectionLimit(
  wanted: number,
  openFiles?: number,
): { readonly connections: number; readonly capped: boolean } {
  const most = mostAtOnce(1, openFiles);
  return { connections: Math.min(wanted, most), capped: wanted > most };
}
