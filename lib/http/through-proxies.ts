import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { codeOf, messageOf } from '../errors.js';
import { isObject } from '../util/values.js';
import { toResponse } from './answer.js';
import { ProxyFailure } from './errors.js';
import type { Proxies } from './proxies.js';
import type { HttpRequest, Transport } from './request.js';
import { Sent } from './stale-connection.js';
import { proxyClient, TUNNEL_MS } from './tunnels.js';

/**
 * The message of undici (7.30) for a proxy's refusal, an error without further facts: of any status but 200 to a
 * CONNECT,
 * and of a 407 to a request without a tunnel.
 */
const REFUSAL = /^Proxy response \((\d+)\)|^Proxy Authentication Required \((407)\)/;
const REFUSAL_CODES: readonly (string | undefined)[] = ['UND_ERR_ABORTED', 'UND_ERR_INVALID_ARG'];

/** The latest request on each open connection; null where that is its first one. */
const latest = new WeakMap<Socket, Sent | null>();
/** By the error of its connection. */
const interrupted = new WeakMap<Error, Sent>();

// undici doesn't report on which connection a request was sent.
subscribe('undici:client:connected', (message) => {
  const socket = socketIn(message);
  if (!socket) return;
  latest.delete(socket); // on the way of a tunnel, too: that has brought the proxy's answer
  socket.prependOnceListener('error', (error) => {
    const sent = latest.get(socket);
    if (sent) interrupted.set(error, sent);
  });
});
subscribe('undici:client:sendHeaders', (message) => {
  const socket = socketIn(message);
  if (socket) latest.set(socket, latest.has(socket) ? new Sent(socket) : null);
});

function socketIn(message: unknown): Socket | null {
  return isObject(message) && message.socket instanceof Socket ? message.socket : null;
}

/**
 * By way of proxies: undici opens tunnels to https:// servers, and asks a http:// proxy itself for what is on http:// ones,
 * as proxies expect it (most open no tunnel to port 80). By a https:// proxy it tunnels to both (7.30.2, 2026-11).
 *
 * @param tunnelMs a proxy that doesn't answer within this time fails the call
 */
export function throughProxies(connections: number, proxies: Proxies, tunnelMs = TUNNEL_MS): Transport {
  const kept = agent({ connections }, proxies, tunnelMs);
  const fresh = agent({ connections, pipelining: 0 }, proxies, tunnelMs);
  return {
    async send(request) {
      const { signal, onNewConnection, maxAnswerBytes } = request;
      const { statusCode, statusText, headers, body } = await dispatch(
        onNewConnection ? fresh : kept,
        request,
      ).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : explained(error, proxies);
      });
      try {
        return await toResponse({ status: statusCode, statusText, headers }, body, maxAnswerBytes);
      } finally {
        signal?.throwIfAborted();
      }
    },
    async close() {
      await Promise.all([kept.destroy(), fresh.destroy()]);
    },
  };
}

function agent(connection: Pool.Options, proxies: Proxies, tunnelMs: number): EnvHttpProxyAgent {
  // A model may think for longer than undici's 300 s: how long a call may take is the step's `timeout`.
  const options = { ...connection, headersTimeout: 0, bodyTimeout: 0 };
  return new EnvHttpProxyAgent({
    ...options,
    ...proxies,
    proxyTunnel: false,
    // For requests without a tunnel, undici makes one without our options.
    factory: (origin, given) => new Pool(origin, { ...given, ...options }),
    clientFactory: (proxy, given) => proxyClient(proxy, given, tunnelMs),
  });
}

function explained(error: unknown, { httpProxy, httpsProxy }: Proxies): unknown {
  const status = refusalIn(error);
  if (status !== null)
    return new ProxyFailure(`the proxy refused the connection with status ${status}`, status);
  if ([httpProxy, httpsProxy].some((proxy) => isUnreachable(proxy, error)))
    return new ProxyFailure(`the proxy can't be reached: ${messageOf(error)}`);
  return error instanceof Error ? (interrupted.get(error)?.explained(error) ?? error) : error;
}

function refusalIn(error: unknown): number | null {
  if (!REFUSAL_CODES.includes(codeOf(error))) return null;
  const [, tunnel, request] = REFUSAL.exec(messageOf(error)) ?? [];
  const status = tunnel ?? request;
  return status === undefined ? null : Number(status);
}

/** The system names the host that it doesn't find, or the port that it can't connect to. */
function isUnreachable(proxy: string, error: unknown): boolean {
  if (proxy === '' || !(error instanceof Error)) return false;
  const { hostname, port, protocol } = new URL(proxy);
  if ('hostname' in error) return error.hostname === hostname;
  const isConnecting = 'syscall' in error && error.syscall === 'connect' && 'port' in error;
  return isConnecting && error.port === Number(port || (protocol === 'https:' ? 443 : 80));
}

/**
 * undici reports an abort to a request only once it has a connection; one that still waits for its turn is abandoned
 * here, and undici drops it when its turn comes.
 */
function dispatch(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: HttpRequest,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = url;
  const options = { origin, path: pathname + search, method, headers, body };
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
