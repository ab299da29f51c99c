import { directly } from './http/directly.js';
import { proxiesIn } from './http/proxies.js';
import { type HttpRequest, toRequest } from './http/request.js';

export { connectionLimit } from './http/limit.js';

/** HTTP for many calls at once: node's own client behind the face of `fetch`, at a fraction of its CPU. */
export interface Http {
  /** Takes a URL, and a body of text or bytes. Settles with the whole answer; it is decoded, redirects are followed. */
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

/** One way to a server, with its own connections. */
export interface Transport {
  send(request: HttpRequest): Promise<Response>;
  close(): Promise<void>;
}

const REDIRECT = new Set([301, 302, 303, 307, 308]);

/** Makes one client with its own connections. Throws where a proxy variable holds no URL. */
export function createHttp({ connections, env }: HttpOptions): Http {
  const proxies = proxiesIn(env);
  const direct = directly(connections);
  let undici: Promise<Transport> | undefined;
  // It is slow to load, and only proxies and redirects need it.
  const throughUndici = () => {
    undici ??= import('./http/through-undici.js').then((module) =>
      module.throughUndici(connections, proxies),
    );
    return undici;
  };
  return {
    async fetch(input, init) {
      const request = toRequest(input, init);
      const answer = proxies ? null : await direct.send(request);
      if (answer && !isRedirect(answer)) return answer;
      return (await throughUndici()).send(request);
    },
    async close() {
      await Promise.all([direct.close(), undici?.then((transport) => transport.close())]);
    },
  };
}

function isRedirect({ status, headers }: Response): boolean {
  return REDIRECT.has(status) && headers.has('location');
}
