import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { connectionLimit, createHttp, type Http } from '../../lib/http/http.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { folderWith } from '../helpers/folder.js';
import { skip } from '../helpers/skip.js';

describe('http', () => {
  let listener: RequestListener;
  let server: Server;
  let url: string;
  let http: Http;

  before(async () => {
    server = createServer((request, response) => listener(request, response));
    url = await listen(server);
    http = createHttp({ connections: 10, env: {} });
  });

  after(async () => {
    await http.close();
    server.closeAllConnections();
    server.close();
  });

  it('sends method, path, headers and body, and brings status, headers and body back', async () => {
    listener = async (request, response) => {
      response.writeHead(201, 'Made', { 'x-id': '7', 'set-cookie': ['a=1', 'b=2'] });
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, header: headers['x-a'], body: await text(request) }));
    };
    const response = await http.fetch(`${url}/v1/x?y=z`, {
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: 'hé',
    });

    assert.ok(response instanceof Response);
    assert.equal(response.status, 201);
    assert.equal(response.statusText, 'Made');
    assert.equal(response.headers.get('x-id'), '7');
    assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
    assert.deepEqual(await response.json(), { method: 'POST', url: '/v1/x?y=z', header: 'b', body: 'hé' });
  });

  it('keeps its connections', async () => {
    const sockets = new Set<unknown>();
    listener = (request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    };
    const kept = createHttp({ connections: 3, env: {} });
    for (let call = 0; call < 5; call++) await kept.fetch(url, { method: 'POST', body: 'x' });
    assert.equal(sockets.size, 1);
    await kept.close();
  });

  const long = 'ä text '.repeat(50_000);
  const codings: readonly [string, Buffer][] = [
    ['gzip', gzipSync(long)],
    ['GZIP', gzipSync(long)],
    ['deflate', deflateSync(long)],
    ['br', brotliCompressSync(long)],
    ['gzip, br', brotliCompressSync(gzipSync(long))],
    ['identity', Buffer.from(long)],
  ];
  for (const [coding, body] of codings) {
    it(`decodes ${coding}`, async () => {
      listener = (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
      assert.equal(await (await http.fetch(url)).text(), long);
    });
  }

  it('leaves a body in an unknown coding as it came', async () => {
    listener = (_, response) => response.writeHead(200, { 'content-encoding': 'rot13' }).end('nopq');
    assert.equal(await (await http.fetch(url)).text(), 'nopq');
  });

  describe('an answer that is larger than it may be', () => {
    const MIB = 2 ** 20;
    const spaces = Buffer.alloc(2 * MIB, ' ');
    const rows: readonly [string, Buffer][] = [
      ['identity', spaces],
      ['gzip', gzipSync(spaces)],
      ['deflate', deflateSync(spaces)],
      ['br', brotliCompressSync(spaces)],
      ['gzip, br', brotliCompressSync(gzipSync(spaces))],
    ];
    for (const [coding, body] of rows)
      it(`fails in ${coding}, and the next call goes on`, async () => {
        const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env: {} });
        listener = (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
        await assert.rejects(bounded.fetch(url), {
          name: 'AnswerTooLarge',
          message: 'the answer is larger than 1 MiB',
        });
        listener = (_, response) => response.end(Buffer.alloc(MIB));
        assert.equal((await (await bounded.fetch(url)).text()).length, MIB);
        await bounded.close();
      });

    it('is read no further', async () => {
      const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env: {} });
      const closed = new Promise((resolve) => {
        listener = (request, response) => {
          request.socket.once('close', resolve);
          response.write(spaces); // and no end
        };
      });
      await assert.rejects(bounded.fetch(url), { name: 'AnswerTooLarge' });
      await closed;
      await bounded.close();
    });

    it('by way of a proxy: as well', async () => {
      await using proxy = await connectProxy(Number(new URL(url).port));
      const env = { http_proxy: proxy.url };
      const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env });
      for (const [coding, body] of rows.slice(0, 2)) {
        listener = (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
        await assert.rejects(bounded.fetch('http://model.test/'), { name: 'AnswerTooLarge' });
      }
      await bounded.close();
    });

    it('keeps its status where that is a failure', async () => {
      const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env: {} });
      listener = (_, response) => response.writeHead(500).end(spaces);
      assert.equal((await bounded.fetch(url)).status, 500);
      await bounded.close();
    });
  });

  it('fails on a compressed body that is cut off', async () => {
    listener = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long).subarray(0, 100));
    await assert.rejects(http.fetch(url));
  });

  for (const status of [401, 429])
    it(`has status and headers of an empty ${status}, whatever its Content-Encoding says`, async () => {
      listener = (_, response) =>
        response
          .writeHead(status, { 'content-encoding': 'gzip', 'content-length': 0, 'retry-after': '7' })
          .end();
      const response = await http.fetch(url);
      assert.equal(response.status, status);
      assert.equal(response.headers.get('retry-after'), '7');
      assert.equal(await response.text(), '');
    });

  it('takes an empty answer of 200 for empty, whatever its Content-Encoding says', async () => {
    listener = (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end();
    assert.equal(await (await http.fetch(url)).text(), '');
  });

  it('has status and headers of a failure whose body is in no such coding', async () => {
    listener = (_, response) =>
      response.writeHead(429, { 'content-encoding': 'gzip', 'retry-after': '7' }).end('too many');
    const response = await http.fetch(url);
    assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '7']);
  });

  it('fails on a connection that breaks within the body', async () => {
    listener = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half', () => response.destroy());
    };
    await assert.rejects(http.fetch(url));
  });

  for (const status of [204, 205, 304]) {
    it(`has no body on ${status}, and the connection goes on`, async () => {
      listener = (_, response) => response.writeHead(status).end();
      const response = await http.fetch(url);
      assert.equal(response.status, status);
      assert.equal(response.body, null);
      assert.equal((await http.fetch(url)).status, status);
    });
  }

  describe('an answer that is none', () => {
    const nones: readonly [string, string, RegExp][] = [
      [
        '101',
        'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
        /101|bad upgrade/,
      ],
      ['100 and then the end', 'HTTP/1.1 100 Continue\r\n\r\n', /hang up|closed|bad response/],
      ['half a head', 'HTTP/1.1 200 O', /hang up|closed/],
      ['no HTTP', 'hello\r\n\r\n', /./],
      ['a head alone', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', /broke off/],
      ['half a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', /broke off/],
    ];
    for (const [title, bytes, message] of nones)
      for (const way of ['directly', 'by way of a proxy'])
        it(`(${title}), ${way}: fails the call, on a kept connection as well, and isn't asked for again`, async () => {
          const address = way === 'directly' ? url : 'http://model.test/';
          const env = way === 'directly' ? {} : { http_proxy: url };
          const fresh = createHttp({ connections: 1, env });
          let requests = 0;
          const none: RequestListener = (request) => {
            requests++;
            request.socket.end(bytes);
          };
          listener = none;
          await assert.rejects(fresh.fetch(address), message);
          listener = (_, response) => response.end('ok');
          await fresh.fetch(address);
          listener = none;
          await assert.rejects(fresh.fetch(address), message);
          assert.equal(requests, 2);
          await fresh.close();
        });
  });

  it('rejects where nobody listens', async () => {
    await assert.rejects(http.fetch('http://127.0.0.1:1/'), { code: 'ECONNREFUSED' });
  });

  describe('abort', () => {
    const reason = new Error('enough');

    it('before the call: nothing is sent', async () => {
      listener = () => assert.fail('was called');
      await assert.rejects(http.fetch(url, { signal: AbortSignal.abort(reason) }), reason);
    });

    it('before the headers: the server sees the connection go', async () => {
      const arrived = nextRequest();
      const aborter = new AbortController();
      const call = http.fetch(url, { signal: aborter.signal });
      const request = await arrived;
      aborter.abort(reason);
      await assert.rejects(call, reason);
      await once(request.socket, 'close');
    });

    for (const coding of ['identity', 'gzip']) {
      it(`within a body in ${coding}`, async () => {
        const aborter = new AbortController();
        const begun = new Promise<void>((resolve) => {
          listener = (_, response) => {
            response.writeHead(200, { 'content-encoding': coding });
            response.write(gzipSync(long).subarray(0, 600), () => setTimeout(resolve, 5));
          };
        });
        const call = http.fetch(url, { signal: aborter.signal });
        call.catch(() => {});
        await begun;
        aborter.abort(reason);
        await assert.rejects(call, reason);
      });
    }

    it('while it waits for a connection', async () => {
      const narrow = createHttp({ connections: 1, env: {} });
      const arrived = nextRequest();
      const first = narrow.fetch(url).catch(() => 'closed');
      await arrived;
      const aborter = new AbortController();
      const second = narrow.fetch(url, { signal: aborter.signal });
      aborter.abort(reason);
      await assert.rejects(second, reason);
      await narrow.close();
      assert.equal(await first, 'closed');
    });

    it('leaves no listener on a shared signal', async () => {
      listener = (_, response) => response.end('ok');
      const { signal } = new AbortController();
      for (let call = 0; call < 20; call++) await (await http.fetch(url, { signal })).text();
      await new Promise(setImmediate);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });
  });

  it('opens no more connections than it may; the other calls wait', async () => {
    const bounded = createHttp({ connections: 3, env: {} });
    let now = 0;
    let peak = 0;
    listener = (_, response) => {
      peak = Math.max(peak, ++now);
      setTimeout(() => {
        now--;
        response.end('ok');
      }, 5);
    };
    await Promise.all(Array.from({ length: 20 }, async () => (await bounded.fetch(url)).text()));
    assert.equal(peak, 3);
    await bounded.close();
  });

  it('ends a call that hangs when it is closed', async () => {
    const arrived = nextRequest();
    const closing = createHttp({ connections: 1, env: {} });
    const call = closing.fetch(url);
    call.catch(() => {});
    await arrived;
    await closing.close();
    await assert.rejects(call);
  });

  describe('redirects', () => {
    it('follows a 307 with method, body and key to the same server', async () => {
      listener = async (request, response) => {
        if (request.url === '/old') return response.writeHead(307, { location: '/new' }).end();
        return response.end(`${request.method} ${request.headers.authorization} ${await text(request)}`);
      };
      const init = { method: 'POST', headers: { authorization: 'Bearer k' }, body: 'question' };
      const response = await http.fetch(`${url}/old`, init);
      assert.equal(await response.text(), 'POST Bearer k question');
    });

    it('remembers a 308: later calls go where the first was sent', async () => {
      const paths: (string | undefined)[] = [];
      listener = (request, response) => {
        paths.push(request.url);
        if (request.url === '/moved') return response.writeHead(308, { location: '/here' }).end();
        return response.end('ok');
      };
      for (let call = 0; call < 3; call++) await http.fetch(`${url}/moved`, { method: 'POST', body: 'x' });
      assert.deepEqual(paths, ['/moved', '/here', '/here', '/here']);
    });

    it('asks again for the way after a 307', async () => {
      let asked = 0;
      listener = (request, response) => {
        if (request.url !== '/busy') return response.end('ok');
        asked++;
        return response.writeHead(307, { location: '/free' }).end();
      };
      for (let call = 0; call < 2; call++) await http.fetch(`${url}/busy`, { method: 'POST', body: 'x' });
      assert.equal(asked, 2);
    });

    for (const status of [301, 302, 303])
      it(`follows no ${status}, which would make a GET of a POST: it is the answer, after one request`, async () => {
        let requests = 0;
        listener = (_, response) => {
          requests++;
          response.writeHead(status, { location: '/new' }).end();
        };
        const response = await http.fetch(`${url}/old`, { method: 'POST', body: 'question' });
        assert.deepEqual([response.status, requests], [status, 1]);
      });

    it('follows none to another server: that gets nothing', async () => {
      let asked = 0;
      const other = createServer((_, response) => {
        asked++;
        response.end();
      });
      const location = await listen(other);
      listener = (_, response) => response.writeHead(307, { location }).end();
      const response = await http.fetch(url, { method: 'POST', body: 'question' });
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
          listener = (_, response) => response.writeHead(status, { location }).end();
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
            const response = await following.fetch(url, { method: 'POST', headers, body: 'question' });
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
          response.writeHead(307, { location: `${url}/back` }).end(),
        );
        const away = await listen(back);
        listener = (request, response) => {
          if (request.url === '/') return response.writeHead(307, { location: away }).end();
          return response.end(String(request.headers.authorization));
        };
        const response = await following.fetch(url, { headers: { authorization: 'Bearer k' } });
        back.close();
        await following.close();
        assert.equal(await response.text(), 'undefined');
      });
    });

    it('leaves a circle after some rounds', async () => {
      listener = (_, response) => response.writeHead(307, { location: '/round' }).end();
      assert.equal((await http.fetch(`${url}/round`)).status, 307);
    });
  });

  describe('a connection that the server has just closed', () => {
    /** The first request of a connection is answered; on its second one, the connection is closed. */
    function answerOnce(close: (socket: Socket) => void) {
      const seen = new WeakSet<Socket>();
      const bodies: string[] = [];
      listener = async (request, response) => {
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
        for (const body of ['a', 'b', 'c']) await kept.fetch(url, { method: 'POST', body });
        await kept.close();
        assert.deepEqual(bodies, ['a', 'b', 'c']);
      });

      it(`and ${title}, by way of a proxy: as well`, async () => {
        const bodies = answerOnce(close);
        await using proxy = await connectProxy(Number(new URL(url).port));
        const proxied = createHttp({ connections: 1, env: { http_proxy: proxy.url } });
        for (const body of ['a', 'b', 'c'])
          await proxied.fetch('http://model.test/', { method: 'POST', body });
        await proxied.close();
        assert.deepEqual(bodies, ['a', 'b', 'c']);
      });
    }

    it('within a tunnel: as well', async function () {
      this.timeout(30_000);
      const { key, cert } = (await selfSigned()) ?? skip(this, 'no openssl');
      const bodies = answerOnce((socket) => socket.destroy());
      const secure = createTlsServer({ key, cert }, (request, response) => listener(request, response));
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

    it('is no reason to send a request again that a new connection was closed on', async () => {
      let requests = 0;
      listener = (request) => {
        requests++;
        request.socket.destroy();
      };
      const unused = createHttp({ connections: 1, env: {} });
      await assert.rejects(unused.fetch(url, { method: 'POST', body: 'x' }), { code: 'ECONNRESET' });
      await unused.close();
      assert.equal(requests, 1);
    });

    it('is no reason to send a request again that was the server may have worked on', async () => {
      let worked = 0;
      const kept = createHttp({ connections: 1, env: {} });
      listener = (_, response) => response.end('ok');
      await kept.fetch(url, { method: 'POST', body: 'x' });
      listener = (request) => {
        worked++;
        setTimeout(() => request.socket.destroy(), 700);
      };
      await assert.rejects(kept.fetch(url, { method: 'POST', body: 'x' }), { code: 'ECONNRESET' });
      await kept.close();
      assert.equal(worked, 1);
    });

    it('is no reason to send a request again whose answer has begun', async () => {
      let requests = 0;
      const kept = createHttp({ connections: 1, env: {} });
      listener = (_, response) => response.end('ok');
      await kept.fetch(url);
      listener = (request, response) => {
        requests++;
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half');
        setTimeout(() => request.socket.resetAndDestroy(), 50);
      };
      await assert.rejects(kept.fetch(url));
      await kept.close();
      assert.equal(requests, 1);
    });
  });

  describe('proxy variables', () => {
    async function through(variables: Record<string, string>, target: string) {
      listener = (_, response) => response.end('from the server');
      await using proxy = await connectProxy(Number(new URL(url).port));
      const env = Object.fromEntries(
        Object.entries(variables).map(([name, value]) => [name, value || proxy.url]),
      );
      const proxied = createHttp({ connections: 2, env });
      const answer = await proxied.fetch(target).then(
        (response) => response.text(),
        () => 'unreachable',
      );
      await proxied.close();
      return { answer, asked: proxy.asked };
    }

    for (const variable of ['http_proxy', 'HTTP_PROXY']) {
      it(`goes through ${variable}`, async () => {
        const { answer, asked } = await through({ [variable]: '' }, 'http://model.test/v1?x=y');
        assert.equal(answer, 'from the server');
        assert.deepEqual(asked, ['http://model.test/v1?x=y'], 'and no tunnel was asked for');
      });
    }

    for (const no_proxy of ['elsewhere.test', '*']) {
      it(`reaches loopback servers directly (no_proxy=${no_proxy})`, async () => {
        const { answer, asked } = await through({ http_proxy: '', no_proxy }, url);
        assert.equal(answer, 'from the server');
        assert.deepEqual(asked, []);
      });
    }

    it('reaches loopback servers directly by their IPv6 address, too', async function () {
      const other = createServer((_, response) => response.end('from the other'));
      other.listen(0, '::1');
      await once(other, 'listening').catch(() => this.skip());
      const address = other.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const { answer, asked } = await through({ http_proxy: '' }, `http://[::1]:${port}`);
      assert.deepEqual([answer, asked], ['from the other', []]);
      other.close();
    });

    it('ends a call that is aborted', async () => {
      await using proxy = await connectProxy(Number(new URL(url).port));
      const proxied = createHttp({ connections: 1, env: { http_proxy: proxy.url } });
      const arrived = nextRequest();
      const aborter = new AbortController();
      const call = proxied.fetch('http://model.test/', { signal: aborter.signal });
      call.catch(() => {});
      const request = await arrived;
      aborter.abort(new Error('enough'));
      await assert.rejects(call, { message: 'enough' });
      if (!request.socket.closed) await once(request.socket, 'close');
      await proxied.close();
    });

    for (const value of ['no url', 'ftp://proxy.test', 'http://', 'proxy.test:port'])
      it(`hold no address of a proxy (${value}): says so at once`, () => {
        assert.throws(() => createHttp({ connections: 1, env: { https_proxy: value } }), {
          message: `https_proxy is \`${value}\`; expected the address of a proxy, like \`http://proxy.example.com:3128\``,
        });
      });

    for (const value of ['http://me:secret@:80', 'me:secret@:80', 'ftp://me:secret@host'])
      it(`never tells the password (${value})`, () => {
        const make = () => createHttp({ connections: 1, env: { HTTPS_PROXY: value } });
        assert.throws(
          make,
          ({ message }: Error) => /^HTTPS_PROXY is /.test(message) && !/secret/.test(message),
        );
      });

    for (const host of ['127.0.0.1', 'localhost'])
      it(`take ${host}:PORT for http://${host}:PORT`, async () => {
        listener = (_, response) => response.end('from the server');
        await using proxy = await connectProxy(Number(new URL(url).port));
        const http_proxy = `${host}:${new URL(proxy.url).port}`;
        const proxied = createHttp({ connections: 1, env: { http_proxy } });
        assert.equal(await (await proxied.fetch('http://model.test/')).text(), 'from the server');
        await proxied.close();
        assert.equal(proxy.asked.length, 1);
      });

    for (const host of ['127.0.0.1:1', 'proxy.invalid:3128'])
      it(`name a proxy that can't be reached (${host})`, async () => {
        const proxied = createHttp({ connections: 1, env: { https_proxy: host } });
        await assert.rejects(proxied.fetch('https://model.test/'), {
          code: 'ERR_PROXY',
          message: /^the proxy can't be reached: /,
        });
        await proxied.close();
      });

    for (const status of [407, 403, 502])
      it(`name a proxy that refuses: with its status, ${status}`, async () => {
        await using proxy = await connectProxy(Number(new URL(url).port), status);
        const proxied = createHttp({ connections: 1, env: { https_proxy: proxy.url } });
        await assert.rejects(proxied.fetch('https://model.test/'), {
          code: 'ERR_PROXY',
          status,
          message: `the proxy refused the connection with status ${status}`,
        });
        await proxied.close();
      });

    for (const [instead, message] of [
      ['closes', 'the proxy closed the connection without an answer'],
      ['resets', 'the proxy closed the connection without an answer'],
      ['never answers', "the proxy didn't answer within 0.001 s"],
    ] as const)
      it(`name a proxy that ${instead} when it is asked for a tunnel`, async () => {
        await using proxy = await connectProxy(Number(new URL(url).port), instead);
        const tunnelMs = instead === 'never answers' ? 1 : undefined;
        const env = { https_proxy: proxy.url };
        const proxied = createHttp({ connections: 1, env, ...(tunnelMs && { tunnelMs }) });
        await assert.rejects(proxied.fetch('https://model.test/'), { code: 'ERR_PROXY', message });
        await proxied.close();
        assert.ok(proxy.asked.length <= 1, `${proxy.asked}`);
      });

    it('name a proxy that wants a password for what needs no tunnel, too', async () => {
      await using proxy = await connectProxy(0, 407);
      const proxied = createHttp({ connections: 1, env: { http_proxy: proxy.url } });
      for (let call = 0; call < 2; call++)
        await assert.rejects(proxied.fetch('http://model.test/'), { code: 'ERR_PROXY', status: 407 });
      await proxied.close();
    });

    it('bring what a proxy answers itself, with its status, where there is no tunnel', async () => {
      await using proxy = await connectProxy(0, 503);
      const proxied = createHttp({ connections: 1, env: { http_proxy: proxy.url } });
      const answer = await proxied.fetch('http://model.test/');
      assert.deepEqual([answer.status, await answer.text()], [503, 'a page of the proxy']);
      await proxied.close();
    });

    it('open no more connections to a proxy than to a server', async () => {
      let now = 0;
      let peak = 0;
      listener = (_, response) => {
        peak = Math.max(peak, ++now);
        setTimeout(() => {
          now--;
          response.end('ok');
        }, 5);
      };
      await using proxy = await connectProxy(Number(new URL(url).port));
      const bounded = createHttp({ connections: 3, env: { http_proxy: proxy.url } });
      const calls = Array.from({ length: 20 }, async () => bounded.fetch('http://model.test/'));
      await Promise.all(calls);
      assert.equal(peak, 3);
      await bounded.close();
    });

    it('keeps to no_proxy', async () => {
      const { answer, asked } = await through(
        { http_proxy: '', no_proxy: 'model.invalid' },
        'http://model.invalid/v1',
      );
      assert.equal(answer, 'unreachable');
      assert.deepEqual(asked, []);
    });
  });

  /** Leaves the next request unanswered, and gives it. */
  function nextRequest(): Promise<IncomingMessage> {
    return new Promise((resolve) => {
      listener = (request) => resolve(request);
    });
  }
});

describe('connectionLimit', () => {
  const rows: readonly [number, number, number, boolean][] = [
    [4, 1024, 4, false],
    [768, 1024, 768, false],
    [2000, 1024, 768, true],
    [10, 1, 1, true],
    [5000, Number.POSITIVE_INFINITY, 5000, false],
  ];
  for (const [wanted, files, connections, capped] of rows) {
    it(`gives ${connections} of ${wanted} where ${files} files may be open`, () => {
      assert.deepEqual(connectionLimit(wanted, files), { connections, capped });
    });
  }

  it("finds the process's own limit", () => {
    assert.equal(connectionLimit(1).capped, false);
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

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}
