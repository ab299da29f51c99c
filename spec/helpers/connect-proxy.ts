import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import { connect, Socket } from 'node:net';

/** A proxy that leads everything that it is asked for to one port of the loopback interface. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** `host:port` of each tunnel, and the whole address of each request without one. */
  readonly asked: string[];
}

/** @param instead what it does with every request: a status that it refuses with, or how it gives no answer. Default: leads it on */
export async function connectProxy(
  port: number,
  instead?: number | 'closes' | 'resets' | 'never answers',
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    client.on('error', () => {});
    if (instead === 'never answers') return;
    if (instead === 'closes') return void client.end();
    if (instead === 'resets' && client instanceof Socket) return void client.resetAndDestroy();
    if (instead !== undefined) {
      client.end(`HTTP/1.1 ${instead} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  server.on('request', (request, response) => {
    const { url = '', method, headers, socket } = request;
    asked.push(url);
    if (typeof instead === 'number') return response.writeHead(instead).end('a page of the proxy');
    const { pathname, search } = new URL(url);
    const onward = send({ port, host: '127.0.0.1', path: pathname + search, method, headers });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => socket.destroy());
    response.once('close', () => onward.destroy());
    return request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
