import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createHttp } from '../../lib/http/http.js';
import { connectProxy } from '../helpers/connect-proxy.js';
import { httpServer } from '../helpers/http-server.js';

describe('http proxy variables', () => {
  const server = httpServer();

  async function through(variables: Record<string, string>, target: string) {
    server.listener = (_, response) => response.end('from the server');
    await using proxy = await connectProxy(Number(new URL(server.url).port));
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
      const { answer, asked } = await through({ http_proxy: '', no_proxy }, server.url);
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
    await using proxy = await connectProxy(Number(new URL(server.url).port));
    const proxied = createHttp({ connections: 1, env: { http_proxy: proxy.url } });
    const arrived = server.nextRequest();
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
      server.listener = (_, response) => response.end('from the server');
      await using proxy = await connectProxy(Number(new URL(server.url).port));
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
      await using proxy = await connectProxy(Number(new URL(server.url).port), status);
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
      await using proxy = await connectProxy(Number(new URL(server.url).port), instead);
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
    server.listener = (_, response) => {
      peak = Math.max(peak, ++now);
      setTimeout(() => {
        now--;
        response.end('ok');
      }, 5);
    };
    await using proxy = await connectProxy(Number(new URL(server.url).port));
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
