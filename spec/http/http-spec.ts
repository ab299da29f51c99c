import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { connectionLimit, createHttp } from '../../lib/http/http.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { httpServer } from '../helpers/http-server.js';

describe('http', () => {
  const server = httpServer();

  it('sends method, path, headers and body, and brings status, headers and body back', async () => {
    server.listener = async (request, response) => {
      response.writeHead(201, 'Made', { 'x-id': '7', 'set-cookie': ['a=1', 'b=2'] });
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, header: headers['x-a'], body: await text(request) }));
    };
    const response = await server.http.fetch(`${server.url}/v1/x?y=z`, {
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
    server.listener = (request, response) => {
      sockets.add(request.socket);
      response.end('ok');
    };
    const kept = createHttp({ connections: 3, env: {} });
    for (let call = 0; call < 5; call++) await kept.fetch(server.url, { method: 'POST', body: 'x' });
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
      server.listener = (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
      assert.equal(await (await server.http.fetch(server.url)).text(), long);
    });
  }

  it('leaves a body in an unknown coding as it came', async () => {
    server.listener = (_, response) => response.writeHead(200, { 'content-encoding': 'rot13' }).end('nopq');
    assert.equal(await (await server.http.fetch(server.url)).text(), 'nopq');
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
        server.listener = (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
        await assert.rejects(bounded.fetch(server.url), {
          name: 'AnswerTooLarge',
          message: 'the answer is larger than 1 MiB',
        });
        server.listener = (_, response) => response.end(Buffer.alloc(MIB));
        assert.equal((await (await bounded.fetch(server.url)).text()).length, MIB);
        await bounded.close();
      });

    it('is read no further', async () => {
      const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env: {} });
      const closed = new Promise((resolve) => {
        server.listener = (request, response) => {
          request.socket.once('close', resolve);
          response.write(spaces); // and no end
        };
      });
      await assert.rejects(bounded.fetch(server.url), { name: 'AnswerTooLarge' });
      await closed;
      await bounded.close();
    });

    it('by way of a proxy: as well', async () => {
      await using proxy = await connectProxy(Number(new URL(server.url).port));
      const env = { http_proxy: proxy.url };
      const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env });
      for (const [coding, body] of rows.slice(0, 2)) {
        server.listener = (_, response) => response.writeHead(200, { 'content-encoding': coding }).end(body);
        await assert.rejects(bounded.fetch('http://model.test/'), { name: 'AnswerTooLarge' });
      }
      await bounded.close();
    });

    it('keeps its status where that is a failure', async () => {
      const bounded = createHttp({ connections: 1, maxAnswerBytes: MIB, env: {} });
      server.listener = (_, response) => response.writeHead(500).end(spaces);
      assert.equal((await bounded.fetch(server.url)).status, 500);
      await bounded.close();
    });
  });

  it('fails on a compressed body that is cut off', async () => {
    server.listener = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(long).subarray(0, 100));
    await assert.rejects(server.http.fetch(server.url));
  });

  for (const status of [401, 429])
    it(`has status and headers of an empty ${status}, whatever its Content-Encoding says`, async () => {
      server.listener = (_, response) =>
        response
          .writeHead(status, { 'content-encoding': 'gzip', 'content-length': 0, 'retry-after': '7' })
          .end();
      const response = await server.http.fetch(server.url);
      assert.equal(response.status, status);
      assert.equal(response.headers.get('retry-after'), '7');
      assert.equal(await response.text(), '');
    });

  it('takes an empty answer of 200 for empty, whatever its Content-Encoding says', async () => {
    server.listener = (_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end();
    assert.equal(await (await server.http.fetch(server.url)).text(), '');
  });

  it('has status and headers of a failure whose body is in no such coding', async () => {
    server.listener = (_, response) =>
      response.writeHead(429, { 'content-encoding': 'gzip', 'retry-after': '7' }).end('too many');
    const response = await server.http.fetch(server.url);
    assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '7']);
  });

  it('fails on a connection that breaks within the body', async () => {
    server.listener = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half', () => response.destroy());
    };
    await assert.rejects(server.http.fetch(server.url));
  });

  for (const status of [204, 205, 304]) {
    it(`has no body on ${status}, and the connection goes on`, async () => {
      server.listener = (_, response) => response.writeHead(status).end();
      const response = await server.http.fetch(server.url);
      assert.equal(response.status, status);
      assert.equal(response.body, null);
      assert.equal((await server.http.fetch(server.url)).status, status);
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
          const address = way === 'directly' ? server.url : 'http://model.test/';
          const env = way === 'directly' ? {} : { http_proxy: server.url };
          const fresh = createHttp({ connections: 1, env });
          let requests = 0;
          const none: RequestListener = (request) => {
            requests++;
            request.socket.end(bytes);
          };
          server.listener = none;
          await assert.rejects(fresh.fetch(address), message);
          server.listener = (_, response) => response.end('ok');
          await fresh.fetch(address);
          server.listener = none;
          await assert.rejects(fresh.fetch(address), message);
          assert.equal(requests, 2);
          await fresh.close();
        });
  });

  it('rejects where no server listens', async () => {
    await assert.rejects(server.http.fetch('http://127.0.0.1:1/'), { code: 'ECONNREFUSED' });
  });

  describe('abort', () => {
    const reason = new Error('enough');

    it('before the call: nothing is sent', async () => {
      server.listener = () => assert.fail('was called');
      await assert.rejects(server.http.fetch(server.url, { signal: AbortSignal.abort(reason) }), reason);
    });

    it('before the headers: the server sees the connection go', async () => {
      const arrived = server.nextRequest();
      const aborter = new AbortController();
      const call = server.http.fetch(server.url, { signal: aborter.signal });
      const request = await arrived;
      aborter.abort(reason);
      await assert.rejects(call, reason);
      await once(request.socket, 'close');
    });

    for (const coding of ['identity', 'gzip']) {
      it(`within a body in ${coding}`, async () => {
        const aborter = new AbortController();
        const begun = new Promise<void>((resolve) => {
          server.listener = (_, response) => {
            response.writeHead(200, { 'content-encoding': coding });
            response.write(gzipSync(long).subarray(0, 600), () => setTimeout(resolve, 5));
          };
        });
        const call = server.http.fetch(server.url, { signal: aborter.signal });
        call.catch(() => {});
        await begun;
        aborter.abort(reason);
        await assert.rejects(call, reason);
      });
    }

    it('while it waits for a connection', async () => {
      const narrow = createHttp({ connections: 1, env: {} });
      const arrived = server.nextRequest();
      const first = narrow.fetch(server.url).catch(() => 'closed');
      await arrived;
      const aborter = new AbortController();
      const second = narrow.fetch(server.url, { signal: aborter.signal });
      aborter.abort(reason);
      await assert.rejects(second, reason);
      await narrow.close();
      assert.equal(await first, 'closed');
    });

    it('leaves no listener on a shared signal', async () => {
      server.listener = (_, response) => response.end('ok');
      const { signal } = new AbortController();
      for (let call = 0; call < 20; call++) await (await server.http.fetch(server.url, { signal })).text();
      await new Promise(setImmediate);
      assert.equal(getEventListeners(signal, 'abort').length, 0);
    });
  });

  it('opens no more connections than it may; the other calls wait', async () => {
    const bounded = createHttp({ connections: 3, env: {} });
    let now = 0;
    let peak = 0;
    server.listener = (_, response) => {
      peak = Math.max(peak, ++now);
      setTimeout(() => {
        now--;
        response.end('ok');
      }, 5);
    };
    await Promise.all(Array.from({ length: 20 }, async () => (await bounded.fetch(server.url)).text()));
    assert.equal(peak, 3);
    await bounded.close();
  });

  it('ends a call that hangs when it is closed', async () => {
    const arrived = server.nextRequest();
    const closing = createHttp({ connections: 1, env: {} });
    const call = closing.fetch(server.url);
    call.catch(() => {});
    await arrived;
    await closing.close();
    await assert.rejects(call);
  });
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
