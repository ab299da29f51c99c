import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Headers, Scenario } from './scenarios.js';

/** A server of the loopback interface that has a scenario's limit. Times are milliseconds since its first request. */
export interface LiveServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly refusedAt: readonly number[];
  readonly answeredAt: readonly number[];
}

export async function liveServer(scenario: Scenario): Promise<LiveServer> {
  const { manner, answerMs = 50, jitterMs = 20, refusalMs = 3, status = 429, tokens = 15 } = scenario;
  const limiter = scenario.limiter();
  const refusedAt: number[] = [];
  const answeredAt: number[] = [];
  let firstAt = Number.NaN;

  function serve(response: ServerResponse): void {
    const now = performance.now();
    if (Number.isNaN(firstAt)) firstAt = now;
    if (!limiter.passes(now, tokens)) {
      refusedAt.push(now - firstAt);
      limiter.refuse?.(now);
      const headers = manner.refused?.(limiter.state(now)) ?? {};
      setTimeout(() => send(response, status, headers, { error: { message: 'Too much' } }), refusalMs);
      return;
    }
    const delayMs = limiter.take(now, tokens);
    const headers = manner.answered?.(limiter.state(now)) ?? {};
    const end = () => {
      limiter.end?.(performance.now());
      answeredAt.push(performance.now() - firstAt);
      send(response, 200, headers, answer(tokens));
    };
    setTimeout(end, delayMs + answerMs + Math.random() * jitterMs);
  }

  const server = createServer((request, response) => {
    text(request).then(
      () => serve(response),
      () => response.destroy(),
    );
  });
  server.keepAliveTimeout = 60_000;
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    refusedAt,
    answeredAt,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(tokens: number): object {
  return {
    status: 'completed',
    model: 'm',
    output: [{ type: 'message', content: [{ type: 'output_text', text: 'An answer.' }] }],
    usage: { input_tokens: tokens - 5, output_tokens: 5 },
  };
}

function send(response: ServerResponse, status: number, headers: Headers, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
