import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { codeOf, messageOf } from '../errors.js';
import { isObject } from '../values.js';
import { toResponse } from './answer.js';
import { onUsedConnection, ProxyRefusal } from './errors.js';
import type { Proxies } from './proxies.js';
import type { HttpRequest, Transport } from './request.js';

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

/** By way of proxies: undici opens the tunnels. */
export function throughProxies(connections: number, proxies: Proxies): Transport {
  const options = {
    connections,
    // A model may think for longer than undici's 300 s: how long a call may take is the step's `timeout`.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...proxies,
  };
  const kept = new EnvHttpProxyAgent(options);
  const fresh = new EnvHttpProxyAgent({ ...options, pipelining: 0 });
  return {
    async send(request) {
      const { signal, onNewConnection } = request;
      const sentAt = performance.now();
      const { statusCode, statusText, headers, body } = await dispatch(
        onNewConnection ? fresh : kept,
        request,
      ).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : explained(error, sentAt);
      });
      try {
        return await toResponse({ status: statusCode, statusText, headers }, body);
      } finally {
        signal?.throwIfAborted();
      }
    },
    async close() {
      await Promise.all([kept.destroy(), fresh.destroy()]);
    },
  };
}

function explained(error: unknown, sentAt: number): unknown {
  const [, status] = (codeOf(error) === 'UND_ERR_ABORTED' && REFUSAL.exec(messageOf(error))) || [];
  if (status !== undefined) return new ProxyRefusal(Number(status));
  return error instanceof Error && onUsed.has(error) ? onUsedConnection(error, sentAt) : error;
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
