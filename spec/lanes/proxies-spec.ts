import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import { lastValueFrom, toArray } from 'rxjs';
import { run } from '../../lib/index.js';
import { limitedServer } from '../helpers/limited-server.js';
import { type LimitingProxyKind, limitingProxy, limitingProxyKinds } from '../helpers/limiting-proxy.js';

describe('a run through a proxy that limits the rate', function () {
  this.slow(10_000);

  /** A hundred calls through it, 50 at once. */
  async function callsThrough(context: Context, kind: LimitingProxyKind) {
    await using server = await limitedServer({ latency: 30 });
    await using proxy = await limitingProxy(context, kind, server.baseUrl);
    const { results$ } = run({
      steps: [{ type: 'openai', prompt: 'Say {{{n}}}', baseUrl: proxy.baseUrl, retries: 0 }],
      keys: { n: { values: Array.from({ length: 100 }, (_, n) => `value ${n}`) } },
      parallel: 50,
    });
    const records = await lastValueFrom(results$.pipe(toArray()));
    return { failed: records.flatMap(({ error }) => error ?? []), answered: server.counts.answered };
  }

  for (const kind of limitingProxyKinds) {
    it(`loses nothing: ${kind}`, async function () {
      const { failed, answered } = await callsThrough(this, kind);
      assert.deepEqual(failed, []);
      assert.equal(answered, 100);
    });
  }

  it('takes 403, which squid answers as it comes, for no limit: calls fail, and say so', async function () {
    const { failed } = await callsThrough(this, 'squid, 5 connections, as it comes');
    assert.ok(failed.length > 0);
    assert.deepEqual([...new Set(failed.map(({ kind, status }) => `${kind} ${status}`))], ['refused 403']);
  });
});
