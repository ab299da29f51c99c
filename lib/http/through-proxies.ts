import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { codeOf, messageOf } from '../errors.js';
import { isObject } from '../values.js';
import { toResponse } from './answer.js';
import { onUsedConnection, ProxyFailure } from './errors.js';
import type { Proxies } from './proxies.js';
import type { HttpRequest, Transport } from './request.js';
import { proxyClient, TUNNEL_MS } from './tunnels.js';

/** What undici (7.30) says of any status but 200 to a CONNECT, as an error without further facts. */
const REFUSAL = /^Proxy response \((\d+)\)/;

/** Errors of connections that had brought an answer before. */
const onUsed = new WeakSet<Error>();

// undici tells no request on which connection it was sent.
subscribe('undici:client:connected', (message) => {
  if (isObject(message) && message.socket instanceof Socket) watch(message.socket);
});

function watch(socket: Socket): void {
  // A tunnel has brought the proxy's answer already.
  const before = socket.bytesRead;
  socket.prependOnceListener('error', (error) => {
    if (socket.bytesRead > before) onUsed.add(error);
  });
}

/**
 * By way of proxies: undici opens the tunnels.
 *
 * @param tunnelMs a proxy that doesn't answer within this time fails the call
 */
export function throughProxies(connections: number, proxies: Proxies, tunnelMs = TUNNEL_MS): Transport {
  const options = {
    connections,
    // A model may think for longer than undici's 300 s: how long a call may take is the step's `timeout`.
    headersTimeout: 0,
    bodyTimeout: 0,
    clientFactory: (proxy: URL, given: object) => proxyClient(proxy, given, tunnelMs),
    ...proxies,
  };
  const kept = new EnvHttpProxyAgent(options);
  const fresh = new EnvHttpProxyAgent({ ...options, pipelining: 0 });
  return {
    async send(request) {
      const { signal, onNewConnection, maxAnswerBytes } = request;
      const sentAt = performance.now();
      const { statusCode, statusText, headers, body } = await dispatch(
        onNewConnection ? fresh : kept,
        request,
      ).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : explained(error, sentAt, proxies);
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

function explained(error: unknown, sentAt: number, { httpProxy, httpsProxy }: Proxies): unknown {
  const [, status] = (codeOf(error) === 'UND_ERR_ABORTED' && REFUSAL.exec(messageOf(error))) || [];
  if (status !== undefined)
    return new ProxyFailure(`the proxy refused the connection with status ${status}`, Number(status));
  if ([httpProxy, httpsProxy].some((proxy) => isUnreachable(proxy, error)))
    return new ProxyFailure(`the proxy can't be reached: ${messageOf(error)}`);
  return error instanceof Error && onUsed.has(error) ? onUsedConnection(error, sentAt) : error;
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
 * undici tells an abort to a request only once it has a connection; one that still waits for its turn is
 * abandoned here, and undici drops it when its turn comes.
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
