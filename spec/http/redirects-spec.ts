import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createHttp } from '../../lib/http/http.js';
import { httpServer, listen } from '../helpers/http-server.js';

describe('http redirects', () => {
  const server = httpServer();

  it('follows a 307 with method, body and key to the same server', async () => {
    server.listener = async (request, response) => {
      if (request.url === '/old') return response.writeHead(307, { location: '/new' }).end();
      return response.end(`${request.method} ${request.headers.authorization} ${await text(request)}`);
    };
    const init = { method: 'POST', headers: { authorization: 'Bearer k' }, body: 'question' };
    const response = await server.http.fetch(`${server.url}/old`, init);
    assert.equal(await response.text(), 'POST Bearer k question');
  });

  it('remembers a 308: later calls go where the first was sent', async () => {
    const paths: (string | undefined)[] = [];
    server.listener = (request, response) => {
      paths.push(request.url);
      if (request.url === '/moved') return response.writeHead(308, { location: '/here' }).end();
      return response.end('ok');
    };
    for (let call = 0; call < 3; call++)
      await server.http.fetch(`${server.url}/moved`, { method: 'POST', body: 'x' });
    assert.deepEqual(paths, ['/moved', '/here', '/here', '/here']);
  });

  it('asks again for the way after a 307', async () => {
    let asked = 0;
    server.listener = (request, response) => {
      if (request.url !== '/busy') return response.end('ok');
      asked++;
      return response.writeHead(307, { location: '/free' }).end();
    };
    for (let call = 0; call < 2; call++)
      await server.http.fetch(`${server.url}/busy`, { method: 'POST', body: 'x' });
    assert.equal(asked, 2);
  });

  for (const status of [301, 302, 303])
    it(`follows no ${status}, which would make a GET of a POST: it is the answer, after one request`, async () => {
      let requests = 0;
      server.listener = (_, response) => {
        requests++;
        response.writeHead(status, { location: '/new' }).end();
      };
      const response = await server.http.fetch(`${server.url}/old`, { method: 'POST', body: 'question' });
      assert.deepEqual([response.status, requests], [status, 1]);
    });

  it('follows none to another server: that gets nothing', async () => {
    let asked = 0;
    const other = createServer((_, response) => {
      asked++;
      response.end();
    });
    const location = await listen(other);
    server.listener = (_, response) => response.writeHead(307, { location }).end();
    const response = await server.http.fetch(server.url, { method: 'POST', body: 'question' });
    other.close();
    assert.deepEqual([response.status, asked], [307, 0]);
  });

  describe('to any server, where that is allowed', () => {
    let other: Server;
    let location: string;
    const seen: IncomingMessage['headers'][] = [];

    before(async () => {
      other = createServer(async (request, response) => {
        seen.push(request.headers);
        response.end(`${request.method} ${await text(request)}`);
      });
      location = await listen(other);
    });
    beforeEach(() => {
      seen.length = 0;
    });
    after(() => other.close());

    for (const status of [307, 308])
      it(`follows a ${status}, and takes no key, organization or header of the user along`, async () => {
        const following = createHttp({ connections: 1, env: {}, redirects: 'any' });
        server.listener = (_, response) => response.writeHead(status, { location }).end();
        const headers = {
          authorization: 'Bearer k',
          'openai-organization': 'org',
          'openai-project': 'proj',
          'x-gateway': 'secret',
          cookie: 'a=b',
          'content-type': 'application/json',
          accept: 'application/json',
        };
        for (let call = 0; call < 2; call++) {
          const response = await following.fetch(server.url, { method: 'POST', headers, body: 'question' });
          assert.equal(await response.text(), 'POST question');
        }
        await following.close();
        const [first] = seen;
        assert.deepEqual(seen, [first, first]);
        assert.deepEqual(Object.keys(first ?? {}).sort(), [
          ...['accept', 'connection', 'content-length', 'content-type', 'host'],
        ]);
        assert.equal(first?.host, new URL(location).host);
      });

    it('and back: the first server gets them no more', async () => {
      const following = createHttp({ connections: 1, env: {}, redirects: 'any' });
      const back = createServer((_, response) =>
        response.writeHead(307, { location: `${server.url}/back` }).end(),
      );
      const away = await listen(back);
      server.listener = (request, response) => {
        if (request.url === '/') return response.writeHead(307, { location: away }).end();
        return response.end(String(request.headers.authorization));
      };
      const response = await following.fetch(server.url, { headers: { authorization: 'Bearer k' } });
      back.close();
      await following.close();
      assert.equal(await response.text(), 'undefined');
    });
  });

  it('leaves a circle after some rounds', async () => {
    server.listener = (_, response) => response.writeHead(307, { location: '/round' }).end();
    assert.equal((await server.http.fetch(`${server.url}/round`)).status, 307);
  });
});
