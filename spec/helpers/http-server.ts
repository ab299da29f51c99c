import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createHttp, type Http } from '../../lib/http/http.js';

/** A server on this machine, and a client for it. */
export interface HttpServer {
  /** What it does with requests; a test says so before it sends one. */
  listener: RequestListener;
  /** Without a slash at its end. */
  readonly url: string;
  /** At most 10 connections, no proxy. */
  readonly http: Http;
  /** Leaves the next request unanswered, and gives it. */
  nextRequest(): Promise<IncomingMessage>;
}

/** One for all tests of the block that asks for it. */
export function httpServer(): HttpServer {
  const listening = createServer((request, response) => server.listener(request, response));
  const http = createHttp({ connections: 10, env: {} });
  let url = '';
  const server: HttpServer = {
    listener: (_, response) => response.end(),
    get url() {
      return url;
    },
    http,
    nextRequest: () =>
      new Promise((resolve) => {
        server.listener = (request) => resolve(request);
      }),
  };

  before(async () => {
    url = await listen(listening);
  });

  after(async () => {
    await http.close();
    listening.closeAllConnections();
    listening.close();
  });

  return server;
}

export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}
