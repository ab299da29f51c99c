import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { toResponse } from './answer.js';
import type { HttpRequest, Transport } from './request.js';
import { Sent } from './stale-connection.js';

/** Node's own client: loaded in a moment, and as fast as any. */
export function directly(connections: number): Transport {
  const kept = agents(connections, true);
  const fresh = agents(connections, false);
  /** Includes calls that wait for a connection: their agent doesn't end them. */
  const calls = new Set<ClientRequest>();
  const begin = ({ url, method, headers, body, onNewConnection }: HttpRequest): ClientRequest => {
    const { http, https } = onNewConnection ? fresh : kept;
    const given = { method, headers: list(headers, url, body), setHost: false };
    const call =
      url.protocol === 'https:'
        ? requestHttps(url, { ...given, agent: https })
        : requestHttp(url, { ...given, agent: http });
    calls.add(call);
    call.once('close', () => calls.delete(call));
    return call;
  };
  return {
    send: (request) => send(begin, request),
    async close() {
      for (const call of calls) call.destroy(new Error('the client was closed'));
      for (const { http, https } of [kept, fresh]) {
        http.destroy();
        https.destroy();
      }
    },
  };
}

function agents(connections: number, keepAlive: boolean) {
  const options = { keepAlive, maxSockets: connections, maxFreeSockets: connections };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

function send(begin: (request: HttpRequest) => ClientRequest, request: HttpRequest): Promise<Response> {
  const { signal, body, maxAnswerBytes } = request;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const call = begin(request);
    let sent: Sent | undefined;
    let isAnswered = false;
    const abort = () => {
      reject(signal?.reason);
      call.destroy();
    };
    signal?.addEventListener('abort', abort, { once: true });
    call.once('close', () => {
      signal?.removeEventListener('abort', abort);
      if (!isAnswered) reject(new Error('the connection was closed without an answer'));
    });
    call.once('socket', (socket) => {
      // Where the network dies in silence, only this ends the call; kept connections have it already.
      if (request.onNewConnection) socket.setKeepAlive(true, 1000);
      if (call.reusedSocket) sent = new Sent(socket);
    });
    call.on('error', (error) => reject(sent?.explained(error) ?? error));
    call.once('upgrade', ({ statusCode }: IncomingMessage, socket) => {
      socket.destroy();
      reject(new Error(`the server answered ${statusCode} (Switching Protocols), which was not asked for`));
    });
    call.once('response', (answer: IncomingMessage) => {
      isAnswered = true;
      const { statusCode = 0, statusMessage = '', headers } = answer;
      const head = { status: statusCode, statusText: statusMessage, headers };
      toResponse(head, answer, maxAnswerBytes).then(resolve, reject);
    });
    call.end(body);
  });
}

/** Names and values in turn, which node takes as they are. */
function list(headers: Headers, { host }: URL, body: HttpRequest['body']): string[] {
  const all = ['host', host];
  for (const [name, value] of headers) all.push(name, value);
  if (body !== null) all.push('content-length', String(Buffer.byteLength(body)));
  return all;
}
