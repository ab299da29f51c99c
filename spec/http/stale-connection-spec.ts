import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { createHttp } from '../../lib/http/http.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { folderWith } from '../helpers/folder.js';
import { httpServer, listen } from '../helpers/http-server.js';
import { skip } from '../helpers/skip.js';

describe('http: a connection that the server has just closed', () => {
  const server = httpServer();

  /** The first request of a connection is answered; on its second one, the connection is closed. */
  function answerOnce(close: (socket: Socket) => void) {
    const seen = new WeakSet<Socket>();
    const bodies: string[] = [];
    server.listener = async (request, response) => {
      const body = await text(request);
      if (seen.has(request.socket)) return close(request.socket);
      seen.add(request.socket);
      bodies.push(body);
      return response.end('ok');
    };
    return bodies;
  }

  const endings: readonly [string, (socket: Socket) => void][] = [
    ['ended', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
  ];
  for (const [title, close] of endings) {
    it(`and ${title}: the request is sent again at once, on a new one`, async () => {
      const bodies = answerOnce(close);
      const kept = createHttp({ connections: 1, env: {} });
      for (const body of ['a', 'b', 'c']) await kept.fetch(server.url, { method: 'POST', body });
      await kept.close();
      assert.deepEqual(bodies, ['a', 'b', 'c']);
    });

    it(`and ${title}, by way of a proxy: as well`, async () => {
      const bodies = answerOnce(close);
      await using proxy = await connectProxy(Number(new URL(server.url).port));
      const proxied = createHttp({ connections: 1, env: { http_proxy: proxy.url } });
      for (const body of ['a', 'b', 'c']) await proxied.fetch('http://model.test/', { method: 'POST', body });
      await proxied.close();
      assert.deepEqual(bodies, ['a', 'b', 'c']);
    });
  }

  it('within a tunnel: as well', async function () {
    this.timeout(30_000);
    const { key, cert } = (await selfSigned()) ?? skip(this, 'no openssl');
    const bodies = answerOnce((socket) => socket.destroy());
    const secure = createTlsServer({ key, cert }, (request, response) => server.listener(request, response));
    await using proxy = await connectProxy(Number(new URL(await listen(secure)).port));
    const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // read anew for each connection
    const proxied = createHttp({ connections: 1, env: { https_proxy: proxy.url } });
    try {
      for (const body of ['a', 'b', 'c'])
        await proxied.fetch('https://model.test/', { method: 'POST', body });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      await proxied.close();
      secure.closeAllConnections();
      secure.close();
    }
    assert.deepEqual(bodies, ['a', 'b', 'c']);
    assert.deepEqual(new Set(proxy.asked), new Set(['model.test:443']));
  });

  it("doesn't repeat a request that was closed on a new connection", async () => {
    let requests = 0;
    server.listener = (request) => {
      requests++;
      request.socket.destroy();
    };
    const unused = createHttp({ connections: 1, env: {} });
    await assert.rejects(unused.fetch(server.url, { method: 'POST', body: 'x' }), { code: 'ECONNRESET' });
    await unused.close();
    assert.equal(requests, 1);
  });

  it("doesn't repeat a request that the server may have worked on", async () => {
    let worked = 0;
    const kept = createHttp({ connections: 1, env: {} });
    server.listener = (_, response) => response.end('ok');
    await kept.fetch(server.url, { method: 'POST', body: 'x' });
    server.listener = (request) => {
      worked++;
      setTimeout(() => request.socket.destroy(), 700);
    };
    await assert.rejects(kept.fetch(server.url, { method: 'POST', body: 'x' }), { code: 'ECONNRESET' });
    await kept.close();
    assert.equal(worked, 1);
  });

  it("doesn't repeat a request whose answer has begun", async () => {
    let requests = 0;
    const kept = createHttp({ connections: 1, env: {} });
    server.listener = (_, response) => response.end('ok');
    await kept.fetch(server.url);
    server.listener = (request, response) => {
      requests++;
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half');
      setTimeout(() => request.socket.resetAndDestroy(), 50);
    };
    await assert.rejects(kept.fetch(server.url));
    await kept.close();
    assert.equal(requests, 1);
  });
});

/** A certificate for model.test and its key, in PEM; null without openssl. */
async function selfSigned(): Promise<{ readonly key: string; readonly cert: string } | null> {
  const folder = folderWith();
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-subj', '/CN=model.test'];
  const given = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files];
  const { failed } = await execa('openssl', given, { cwd: folder, reject: false });
  if (failed) return null;
  const pem = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { key: pem('key.pem'), cert: pem('cert.pem') };
}
